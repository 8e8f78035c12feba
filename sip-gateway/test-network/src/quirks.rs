//! The habits of real providers and far ends that break telephones, each a switch.
//!
//! The registry below is the only list: `docs/quirks.md` shows it, the gateway's lab has a test for
//! each entry, and a test holds the three together.

use std::collections::BTreeSet;

macro_rules! registry {
    ($($quirk:ident $name:literal $sentence:literal $source:literal;)*) => {
        /// A habit of a provider or a far end; off unless switched on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Quirk {
            $(#[doc = $sentence] $quirk,)*
        }

        impl Quirk {
            /// Every quirk, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$quirk,)*];

            /// Its name in the documentation and in settings.
            pub fn name(self) -> &'static str {
                match self { $(Self::$quirk => $name,)* }
            }

            /// What the far end does, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$quirk => $sentence,)* }
            }

            /// The standard that allows or forbids it, or where it was met.
            pub fn source(self) -> &'static str {
                match self { $(Self::$quirk => $source,)* }
            }
        }
    };
}

registry! {
    NoQop "digest-no-qop" "Challenges without qop, as before RFC 2617." "RFC 7616 §3.4.1, RFC 2069";
    AuthInt "digest-auth-int" "Offers nothing but qop=auth-int, which covers the body." "RFC 7616 §3.4.3";
    AuthAndAuthInt "digest-auth-and-auth-int" "Offers qop=\"auth,auth-int\"." "RFC 7616 §3.3";
    UpperCaseScheme "digest-upper-case-scheme" "Writes the scheme as DIGEST." "RFC 7235 §2.1; LiveKit SIP #856";
    Sha256 "digest-sha-256" "Challenges with SHA-256 only." "RFC 8760";
    Sha512 "digest-sha-512-256" "Challenges with SHA-512-256 only." "RFC 8760";
    Md5Sess "digest-md5-sess" "Challenges with MD5-sess, whose secret depends on both nonces." "RFC 7616 §3.4.2";
    NoAlgorithm "digest-no-algorithm" "Leaves the algorithm out, which means MD5." "RFC 7616 §3.3";
    SeveralChallenges "digest-several-challenges" "Challenges with SHA-256, MD5 and a scheme nobody knows, a line each, and takes only the strongest." "RFC 8760 §2.3";
    Opaque "digest-opaque" "Gives an opaque value and wants it back." "RFC 7616 §3.3";
    StrictDigestUri "digest-strict-uri" "Compares the digest's uri with the Request-URI octet for octet." "RFC 7616 §3.4.6; LiveKit SIP #817";
    OneTimeNonce "digest-one-time-nonce" "Takes every nonce once and then says stale=true." "RFC 7616 §3.3";
    NoStale "digest-no-stale" "Takes every nonce once and then challenges anew without saying stale." "baresip #786";
    ChallengesInDialog "digest-in-dialog" "Challenges BYE, INFO and re-INVITE inside a call, too." "RFC 3261 §22";
    SameCall "digest-next-cseq" "Takes credentials only under the challenged Call-ID and with the next CSeq." "RFC 3261 §22.2";
    RegisterAsks407 "digest-register-407" "Challenges REGISTER with 407 in place of 401." "RFC 3261 §22.3";
    OtherRealm "digest-other-realm" "Has a realm that is not its domain." "RFC 3261 §22.4";
    AuthName "digest-other-user" "Has a digest user name that is not the user of the account." "field: sipgate, Telekom";

    WantsAccount "identity-account-in-from" "Refuses with 403 what has not the account in From and the caller in P-Preferred-Identity." "RFC 3325 §6; LiveKit SIP #333";
    WantsFromDomain "identity-from-domain" "Refuses with 403 what has another domain in From than its own." "LiveKit SIP #578";
    CallerInRemotePartyId "identity-remote-party-id" "Writes the caller in Remote-Party-ID and its own trunk in From." "draft-ietf-sip-privacy-04; Cisco, Asterisk";
    CallerInAsserted "identity-p-asserted" "Writes the caller in P-Asserted-Identity and its own trunk in From." "RFC 3325 §9.1";
    TelUris "identity-tel-uris" "Writes tel: URIs in From, To and P-Asserted-Identity." "RFC 3966";
    Diverted "identity-diversion" "Tells in Diversion who passed the call on." "RFC 5806";
    History "identity-history-info" "Tells in History-Info who passed the call on." "RFC 7044";

    ShortExpires "register-short-expires" "Grants 60 seconds, in the Contact, whatever was asked for." "RFC 3261 §10.2.4";
    ExpiresHeader "register-expires-header" "Grants 60 seconds in Expires and nothing in the Contact." "RFC 3261 §10.3 step 8";
    NoExpires "register-no-expires" "Does not say what it grants." "RFC 3261 §10.2.4";
    ManyContacts "register-many-contacts" "Lists the contacts of others before ours, some in one line." "RFC 3261 §10.2.4";
    RewrittenContact "register-rewritten-contact" "Lists our contact with another host and port." "field: NAT helpers";
    MinExpires "register-423" "Refuses less than 600 seconds with 423." "RFC 3261 §10.3 step 6";
    RetryAfter "register-503-retry-after" "Answers the first REGISTER with 503 and Retry-After: 1." "RFC 3261 §21.5.4";
    SeenElsewhere "register-seen-elsewhere" "Says in Via that it saw us at a public address, and calls there." "RFC 3581 §4";

    RecordRoute "route-record-route" "Stands in the route and names a Contact nobody listens at." "RFC 3261 §16.6; LiveKit SIP #730";
    SeveralRecordRoutes "route-several" "Puts three hops into the route, which must come back in order." "RFC 3261 §12.1; LiveKit SIP #451";
    StrictRouter "route-strict" "Routes strictly: its Record-Route has no lr." "RFC 3261 §12.2.1.1";
    LrWithValue "route-lr-on" "Writes lr=on in its Record-Route." "Kamailio enable_full_lr";
    TrustsContact "route-trusts-contact" "Sends to the Contact even when messages come from elsewhere." "RFC 3261 §12.2.1.1";
    StrayBye "dialog-stray-bye" "Sends a BYE with a tag that is not the call's, and wants 481." "RFC 3261 §12.2.2";
    ByeUnknown "dialog-bye-481" "Has forgotten the call when BYE comes and answers 481." "RFC 3261 §15.1.1";
    ForkedToUs "dialog-forked-to-us" "Delivers one INVITE twice by two ways, and wants 482 for the second." "RFC 3261 §8.2.2.2";
    Twice "dialog-duplicates" "Sends every datagram twice." "RFC 3261 §17";

    AnswersDespiteCancel "race-200-after-cancel" "Answers with 200 as the CANCEL comes, and wants ACK and BYE." "RFC 3261 §9.1; LiveKit SIP #756";
    Glare "race-491" "Answers the first refresh of the session with 491." "RFC 3261 §14.1";
    RingsAsForks "fork-several-180" "Rings as three branches, each with its own tag; the last answers." "RFC 3261 §13.2.2.1";
    SeveralAnswers "fork-several-200" "Answers as two branches, and wants ACK and BYE for the second." "RFC 3261 §13.2.2.4";

    MinSe "timer-422" "Refuses sessions under an hour with 422 and Min-SE." "RFC 4028 §7.4";
    RefreshByReinvite "timer-reinvite" "Refreshes the session by re-INVITE with the same description." "RFC 4028 §7.4";
    RefreshByUpdate "timer-update" "Refreshes the session by UPDATE without a description." "RFC 4028 §7.4";
    RefresherUac "timer-we-refresh" "Wants the session refreshed by the caller, within ten seconds." "RFC 4028 §7.2";
    NoUpdate "timer-no-update" "Does not know UPDATE, and wants the session refreshed within ten seconds." "RFC 4028 §7.4";

    No180 "early-no-180" "Goes from 100 straight to the final response." "RFC 3261 §13.2.2";
    Early183NoSdp "early-183-no-sdp" "Says 183 without a description in place of 180." "RFC 3960 §3.2";
    SilentEarly "early-183-silent" "Describes early media in 183 and sends none." "RFC 3960 §3.2";
    RingsAfterEarly "early-180-after-183" "Says 180 while its early media plays." "RFC 3960 §3.2";
    AnswerElsewhere "early-other-sdp" "Answers with another address than its early media had." "RFC 3261 §13.2.1; RFC 6337 §3.1";
    Bare200 "early-bare-200" "Leaves the description out of the 200 because the 183 had it." "field; RFC 6337 §2.2";
    Reliable "early-100rel" "Wants its 180 acknowledged by PRACK before it answers." "RFC 3262";
    ReliableBare200 "early-100rel-bare-200" "Describes the session in a reliable 183 and not again in the 200." "RFC 3262 §5";

    HoldSendonly "hold-sendonly" "Holds with sendonly." "RFC 3264 §8.4";
    HoldInactive "hold-inactive" "Holds with inactive." "RFC 3264 §8.4";
    HoldRecvonly "hold-recvonly" "Re-offers recvonly: it wants to hear and not to speak." "RFC 3264 §8.4; LiveKit SIP #779";
    HoldZeroAddress "hold-0.0.0.0" "Holds with the address 0.0.0.0, as in RFC 2543." "RFC 3264 §8.4";
    HoldOfferless "hold-offerless" "Asks by a re-INVITE without description for an offer, and answers it." "RFC 3261 §14.2";
    HoldByUpdate "hold-update" "Holds by UPDATE." "RFC 3311 §5.1";

    LateOffer "offer-late" "Calls without a description; the answer comes in ACK." "RFC 3261 §13.2.1";
    VideoOffer "offer-video" "Offers audio and video." "RFC 3264 §6";
    VideoReoffer "offer-video-later" "Adds video in mid-call." "RFC 3264 §8.1";
    FaxReoffer "offer-t38" "Wants to send a fax by T.38 in mid-call, and wants 488." "RFC 3261 §14.2; ITU-T T.38 Annex D";
    MultipartSdp "offer-multipart" "Wraps its description in multipart/mixed." "RFC 5621 §3.2";

    RtpMoves "rtp-moves" "Moves its audio to another port by re-INVITE." "RFC 3264 §8.3.1";
    RtpMovesSilently "rtp-moves-silently" "Moves its audio to another port and tells nobody." "field: media servers, NAT";
    NewSsrc "rtp-new-ssrc" "Goes on with another SSRC, sequence and timestamp." "RFC 3550 §8.2";
    Ptime10 "rtp-ptime-10" "Sends packets of 10 ms." "RFC 3551 §4.2";
    Ptime30 "rtp-ptime-30" "Sends packets of 30 ms." "RFC 3551 §4.2";
    Ptime40 "rtp-ptime-40" "Sends packets of 40 ms." "RFC 3551 §4.2";
    ComfortNoise "rtp-comfort-noise" "Sends comfort noise between its packets of audio." "RFC 3389";
    OtherLaw "rtp-other-law" "Changes from A-law to µ-law in mid-call." "RFC 3264 §5.1";

    DtmfNoMarker "dtmf-no-marker" "Sends keys whose packets have no marker bit." "RFC 4733 §2.5.1.2; LiveKit SIP #585";
    DtmfLostEnds "dtmf-lost-ends" "Sends keys whose last packets are lost." "RFC 4733 §2.5.1.4";
    DtmfOtherType "dtmf-other-type" "Has another payload type for keys than we have." "RFC 3264 §5.1";
    DtmfInfoRelay "dtmf-info-relay" "Sends keys by INFO with application/dtmf-relay." "RFC 6086; Cisco";
    DtmfInfo "dtmf-info" "Sends keys by INFO with application/dtmf." "RFC 6086";

    Compact "wire-compact" "Writes the short names of headers." "RFC 3261 §7.3.3";
    Folded "wire-folded" "Folds its headers over several lines." "RFC 3261 §7.3.1";
    LowerCase "wire-lower-case" "Writes the names of headers in lower case." "RFC 3261 §7.3.1";
    Spaces "wire-spaces" "Puts white space wherever it is allowed." "RFC 3261 §25.1";
    NoReason "wire-no-reason" "Leaves the reason phrases out." "RFC 3261 §25.1; RFC 4475 §3.1.1.13";
    NoContentLength "wire-no-content-length" "Leaves Content-Length out." "RFC 3261 §20.14";
    NoRport "wire-no-rport" "Does not ask for rport and answers without received and rport." "RFC 3581";
}

/// The quirks that are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks(BTreeSet<Quirk>);

impl Quirks {
    /// Whether this one is on.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// Whether one of these is on.
    pub(crate) fn any(&self, quirks: &[Quirk]) -> bool {
        quirks.iter().any(|quirk| self.has(*quirk))
    }

    /// What a table has for the first of its quirks that is on.
    pub(crate) fn choose<T: Copy>(&self, table: &[(Quirk, T)]) -> Option<T> {
        let row = table.iter().find(|(quirk, _)| self.has(*quirk));
        row.map(|(_, value)| *value)
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<T: IntoIterator<Item = Quirk>>(quirks: T) -> Self {
        Self(quirks.into_iter().collect())
    }
}

impl<const N: usize> From<[Quirk; N]> for Quirks {
    fn from(quirks: [Quirk; N]) -> Self {
        quirks.into_iter().collect()
    }
}
