//! A UDP relay between one browser and the gateway that loses DTLS datagrams.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::net::UdpSocket;

use super::LOCALHOST;

/// The relay.
pub struct Relay {
    pub address: SocketAddr,
    lost: Arc<AtomicU32>,
    alerts: Arc<AtomicU32>,
}

impl Relay {
    /// Loses about `per_cent` of the DTLS datagrams each way, the same ones for the same seed.
    pub async fn start(gateway: SocketAddr, per_cent: u64, seed: u64) -> Self {
        let inside = Arc::new(UdpSocket::bind((LOCALHOST, 0)).await.unwrap());
        let outside = Arc::new(UdpSocket::bind((LOCALHOST, 0)).await.unwrap());
        let address = outside.local_addr().unwrap();
        let client: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let lost: Arc<AtomicU32> = Arc::default();
        let (from_client, inward, counter) = (outside.clone(), inside.clone(), lost.clone());
        let seen = client.clone();
        tokio::spawn(async move {
            let (mut buffer, mut dice) = ([0; 2048], seed);
            while let Ok((len, from)) = from_client.recv_from(&mut buffer).await {
                *seen.lock().unwrap() = Some(from);
                if !drops(&buffer[..len], per_cent, &mut dice, &counter) {
                    let _ = inward.send_to(&buffer[..len], gateway).await;
                }
            }
        });
        let (counter, alerts) = (lost.clone(), Arc::<AtomicU32>::default());
        let told = alerts.clone();
        tokio::spawn(async move {
            let (mut buffer, mut dice) = ([0; 2048], seed ^ 0x5555);
            while let Ok((len, _)) = inside.recv_from(&mut buffer).await {
                told.fetch_add(u32::from(buffer[0] == 21), Ordering::Relaxed);
                let to = *client.lock().unwrap();
                if let Some(to) = to
                    && !drops(&buffer[..len], per_cent, &mut dice, &counter)
                {
                    let _ = outside.send_to(&buffer[..len], to).await;
                }
            }
        });
        Self {
            address,
            lost,
            alerts,
        }
    }

    /// A description of the gateway that leads through the relay.
    pub fn through(&self, sdp: &str, gateway: SocketAddr) -> String {
        sdp.replace(
            &format!(" {} typ", gateway.port()),
            &format!(" {} typ", self.address.port()),
        )
    }

    /// DTLS alerts the gateway sent.
    pub fn alerts(&self) -> u32 {
        self.alerts.load(Ordering::Relaxed)
    }

    pub fn lost(&self) -> u32 {
        self.lost.load(Ordering::Relaxed)
    }
}

fn drops(datagram: &[u8], per_cent: u64, dice: &mut u64, lost: &AtomicU32) -> bool {
    if !datagram
        .first()
        .is_some_and(|first| (20..64).contains(first))
    {
        return false;
    }
    *dice = dice
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let hit = (*dice >> 33) % 100 < per_cent;
    lost.fetch_add(u32::from(hit), Ordering::Relaxed);
    hit
}
