//! The quirk lab: the whole gateway against the test network with one habit of providers switched
//! on at a time. `docs/quirks.md` lists them; [`book`] holds the two together.

mod battery;
mod book;
mod strangers;

use battery::Scene;
use test_network::Quirk;

/// A test per quirk, named as the quirk; what is played is its [`Scene`].
macro_rules! lab {
    ($($quirk:ident $name:ident $scene:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                battery::play(Quirk::$quirk, Scene::$scene).await;
            }
        )*

        /// What has a test.
        const TESTED: &[(Quirk, &str)] = &[$((Quirk::$quirk, stringify!($name)),)*];
    };
}

lab! {
    NoQop digest_no_qop Whole;
    AuthInt digest_auth_int Whole;
    AuthAndAuthInt digest_auth_and_auth_int Whole;
    UpperCaseScheme digest_upper_case_scheme Whole;
    Sha256 digest_sha_256 Whole;
    Sha512 digest_sha_512_256 Whole;
    Md5Sess digest_md5_sess Whole;
    NoAlgorithm digest_no_algorithm Whole;
    SeveralChallenges digest_several_challenges Whole;
    Opaque digest_opaque Whole;
    StrictDigestUri digest_strict_uri Whole;
    OneTimeNonce digest_one_time_nonce Whole;
    NoStale digest_no_stale Whole;
    ChallengesInDialog digest_in_dialog Whole;
    SameCall digest_next_cseq Whole;
    RegisterAsks407 digest_register_407 Whole;
    OtherRealm digest_other_realm Whole;
    AuthName digest_other_user Whole;

    WantsAccount identity_account_in_from Whole;
    WantsFromDomain identity_from_domain Whole;
    CallerInRemotePartyId identity_remote_party_id Whole;
    CallerInAsserted identity_p_asserted Whole;
    TelUris identity_tel_uris Whole;
    Diverted identity_diversion Whole;
    History identity_history_info Whole;

    ShortExpires register_short_expires Whole;
    ExpiresHeader register_expires_header Whole;
    NoExpires register_no_expires Whole;
    ManyContacts register_many_contacts Whole;
    RewrittenContact register_rewritten_contact Whole;
    MinExpires register_423 Whole;
    RetryAfter register_503_retry_after Whole;
    SeenElsewhere register_seen_elsewhere Whole;

    RecordRoute route_record_route Whole;
    SeveralRecordRoutes route_several Whole;
    StrictRouter route_strict Whole;
    LrWithValue route_lr_on Whole;
    TrustsContact route_trusts_contact Whole;
    StrayBye dialog_stray_bye Whole;
    ByeUnknown dialog_bye_481 Whole;
    ForkedToUs dialog_forked_to_us Whole;
    Twice dialog_duplicates Whole;

    AnswersDespiteCancel race_200_after_cancel Cancelled;
    Glare race_491 Refreshed;
    RingsAsForks fork_several_180 Whole;
    SeveralAnswers fork_several_200 Whole;

    MinSe timer_422 Whole;
    RefreshByReinvite timer_reinvite Whole;
    RefreshByUpdate timer_update Whole;
    RefresherUac timer_we_refresh Refreshed;
    NoUpdate timer_no_update Refreshed;

    No180 early_no_180 Whole;
    Early183NoSdp early_183_no_sdp Whole;
    SilentEarly early_183_silent Early;
    RingsAfterEarly early_180_after_183 Early;
    AnswerElsewhere early_other_sdp Early;
    Bare200 early_bare_200 Early;
    Reliable early_100rel Whole;
    ReliableBare200 early_100rel_bare_200 Early;

    HoldSendonly hold_sendonly Whole;
    HoldInactive hold_inactive Whole;
    HoldRecvonly hold_recvonly Whole;
    HoldZeroAddress hold_0_0_0_0 Whole;
    HoldOfferless hold_offerless Whole;
    HoldByUpdate hold_update Whole;

    LateOffer offer_late Whole;
    VideoOffer offer_video Whole;
    VideoReoffer offer_video_later Whole;
    FaxReoffer offer_t38 Whole;
    MultipartSdp offer_multipart Whole;

    RtpMoves rtp_moves Whole;
    RtpMovesSilently rtp_moves_silently Whole;
    NewSsrc rtp_new_ssrc Whole;
    Ptime10 rtp_ptime_10 Whole;
    Ptime30 rtp_ptime_30 Whole;
    Ptime40 rtp_ptime_40 Whole;
    ComfortNoise rtp_comfort_noise Whole;
    OtherLaw rtp_other_law Whole;

    DtmfNoMarker dtmf_no_marker Whole;
    DtmfLostEnds dtmf_lost_ends Whole;
    DtmfOtherType dtmf_other_type Whole;
    DtmfInfoRelay dtmf_info_relay Whole;
    DtmfInfo dtmf_info Whole;

    Compact wire_compact Whole;
    Folded wire_folded Whole;
    LowerCase wire_lower_case Whole;
    Spaces wire_spaces Whole;
    NoReason wire_no_reason Whole;
    NoContentLength wire_no_content_length Whole;
    NoRport wire_no_rport Whole;
}
