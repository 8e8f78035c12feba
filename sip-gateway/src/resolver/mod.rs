//! Where a provider is: RFC 3263 over the system's name servers, or those given.

mod order;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use hickory_resolver::{
    Resolver as Hickory, TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType},
};

use crate::ports::{Candidate, LineTransport, Source, Trouble};
pub(crate) use order::random;
use order::{Naptr, Srv};

/// How long a name server may take for one question, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// Answers remembered, each for as long as it says (RFC 2308 for those that say no).
const REMEMBERED: u64 = 256;
/// Longest an answer is believed, and a "no".
const LONGEST: Duration = Duration::from_secs(3600);
const LONGEST_NO: Duration = Duration::from_secs(60);
/// Addresses tried for one name.
const MOST: usize = 16;

/// Who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DnsServers {
    /// Those of the system.
    #[default]
    System,
    /// These, over UDP and TCP.
    At(Vec<SocketAddr>),
}

/// A name and what the user fixed about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub host: String,
    pub port: Option<u16>,
    pub transport: LineTransport,
}

impl Place {
    fn usual_port(&self) -> u16 {
        match self.transport {
            LineTransport::Udp | LineTransport::Tcp => 5060,
            LineTransport::Tls => 5061,
        }
    }

    fn at(&self, ip: IpAddr, port: u16, source: Source) -> Candidate {
        Candidate {
            address: SocketAddr::new(ip, port),
            transport: self.transport,
            source,
        }
    }

    /// RFC 3263 §4.2, RFC 5922: what is asked for with SRV.
    fn service(&self) -> String {
        let prefix = match self.transport {
            LineTransport::Udp => "_sip._udp",
            LineTransport::Tcp => "_sip._tcp",
            LineTransport::Tls => "_sips._tcp",
        };
        format!("{prefix}.{}", self.host)
    }

    /// What NAPTR calls the transport.
    fn naptr_service(&self) -> &'static str {
        match self.transport {
            LineTransport::Udp => "SIP+D2U",
            LineTransport::Tcp => "SIP+D2T",
            LineTransport::Tls => "SIPS+D2T",
        }
    }
}

/// Finds addresses. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Resolver {
    /// `None`: the system's settings cannot be read; then the system itself is asked.
    dns: Option<Arc<TokioResolver>>,
    /// Whether the sockets are of IPv4.
    v4: bool,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    pub(crate) fn new(servers: &DnsServers, v4: bool) -> Self {
        let provider = TokioRuntimeProvider::default();
        let builder = match servers {
            DnsServers::System => Hickory::builder(provider).ok(),
            DnsServers::At(addresses) => {
                let servers = addresses.iter().map(server_at).collect();
                let config = ResolverConfig::from_name_servers(servers);
                Some(Hickory::builder_with_config(config, provider))
            }
        };
        let dns = builder.and_then(|mut builder| {
            let options = builder.options_mut();
            options.ip_strategy = if v4 {
                LookupIpStrategy::Ipv4Only
            } else {
                LookupIpStrategy::Ipv6Only
            };
            options.timeout = PATIENCE;
            options.attempts = ATTEMPTS;
            options.cache_size = REMEMBERED;
            options.positive_max_ttl = Some(LONGEST);
            options.negative_max_ttl = Some(LONGEST_NO);
            builder.build().ok()
        });
        Self {
            dns: dns.map(Arc::new),
            v4,
        }
    }

    /// Where to try, best first; never empty.
    pub(crate) async fn find(&self, place: &Place) -> Result<Vec<Candidate>, Trouble> {
        let port = place.port.unwrap_or(place.usual_port());
        // RFC 3263 §4.2: nothing is asked about an address.
        if let Ok(ip) = place.host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(vec![place.at(ip, port, Source::Given)]);
        }
        // RFC 3263 §4.2: a port that is given leaves only addresses to ask for.
        if place.port.is_some() {
            return self
                .addresses(place, &place.host, port, Source::Address)
                .await;
        }
        let (services, plain) = tokio::join!(
            self.services(place),
            self.addresses(place, &place.host, port, Source::Address)
        );
        match services {
            Some((found, source)) => self.behind(place, found, source).await,
            None => plain,
        }
    }

    /// The servers named by SRV, where there are any.
    async fn services(&self, place: &Place) -> Option<(Vec<Srv>, Source)> {
        let usual = place.service();
        let (naptr, srv) = tokio::join!(self.naptr(place), self.srv(&usual));
        for name in naptr {
            let named = if name.eq_ignore_ascii_case(&usual) {
                srv.clone()
            } else {
                self.srv(&name).await
            };
            if !named.is_empty() {
                return Some((named, Source::Naptr));
            }
        }
        (!srv.is_empty()).then_some((srv, Source::Srv))
    }

    /// Addresses of servers that SRV named, in the order RFC 2782 wants them tried.
    async fn behind(
        &self,
        place: &Place,
        servers: Vec<Srv>,
        source: Source,
    ) -> Result<Vec<Candidate>, Trouble> {
        let mut found = Vec::new();
        let mut trouble = Trouble::NoAddress {
            name: place.host.clone(),
        };
        for server in order::by_weight(servers, order::random) {
            // RFC 2782: "." says that the service is decidedly not there.
            if server.target.is_empty() {
                continue;
            }
            match self
                .addresses(place, &server.target, server.port, source)
                .await
            {
                Ok(more) => found.extend(more),
                Err(error) => trouble = error,
            }
            if found.len() >= MOST {
                break;
            }
        }
        found.truncate(MOST);
        if found.is_empty() {
            Err(trouble)
        } else {
            Ok(found)
        }
    }

    async fn naptr(&self, place: &Place) -> Vec<String> {
        let records = self.records(&place.host, RecordType::NAPTR).await;
        let records = records.into_iter().filter_map(|data| match data {
            RData::NAPTR(naptr) => Some(Naptr {
                order: naptr.order,
                preference: naptr.preference,
                flags: String::from_utf8_lossy(&naptr.flags).into_owned(),
                services: String::from_utf8_lossy(&naptr.services).into_owned(),
                replacement: plain(&naptr.replacement),
            }),
            _ => None,
        });
        order::replacements(records.collect(), place.naptr_service())
    }

    async fn srv(&self, name: &str) -> Vec<Srv> {
        let records = self.records(name, RecordType::SRV).await;
        let records = records.into_iter().filter_map(|data| match data {
            RData::SRV(srv) => Some(Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: plain(&srv.target),
            }),
            _ => None,
        });
        records.collect()
    }

    /// No records, or no answer: both mean that we go on without.
    async fn records(&self, name: &str, kind: RecordType) -> Vec<RData> {
        let (Some(dns), Some(name)) = (&self.dns, full(name)) else {
            return Vec::new();
        };
        match dns.lookup(name, kind).await {
            Ok(found) => found
                .answers()
                .iter()
                .map(|record| record.data.clone())
                .collect(),
            Err(_) => Vec::new(),
        }
    }

    async fn addresses(
        &self,
        place: &Place,
        name: &str,
        port: u16,
        source: Source,
    ) -> Result<Vec<Candidate>, Trouble> {
        let found: Vec<IpAddr> = match (&self.dns, full(name)) {
            (Some(dns), Some(full)) => match dns.lookup_ip(full).await {
                Ok(found) => found.iter().collect(),
                Err(error) => return Err(trouble_of(name, &error)),
            },
            _ => match tokio::net::lookup_host((name, port)).await {
                Ok(found) => found.map(|address| address.ip()).collect(),
                Err(error) => {
                    return Err(Trouble::DnsFailed {
                        name: name.to_owned(),
                        detail: error.to_string(),
                    });
                }
            },
        };
        let ours = found.into_iter().filter(|ip| ip.is_ipv4() == self.v4);
        let found: Vec<Candidate> = ours.map(|ip| place.at(ip, port, source)).collect();
        if found.is_empty() {
            let name = name.to_owned();
            return Err(Trouble::NoAddress { name });
        }
        Ok(found)
    }
}

fn server_at(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.to_vec())
}

/// With the dot at its end, so that no search domains are tried.
fn full(name: &str) -> Option<Name> {
    let mut name = Name::from_utf8(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn plain(name: &Name) -> String {
    name.to_utf8().trim_end_matches('.').to_owned()
}

fn trouble_of(name: &str, error: &NetError) -> Trouble {
    let name = name.to_owned();
    if error.is_nx_domain() {
        Trouble::NoSuchName { name }
    } else if error.is_no_records_found() {
        Trouble::NoAddress { name }
    } else {
        Trouble::DnsFailed {
            name,
            detail: error.to_string(),
        }
    }
}
