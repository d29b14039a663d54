//! Every sentence and word that is chosen in Rust: a function a message, named as in `templates/languages`, with `_`
//! for `-`. What a template chooses itself (`t(key="…")`) is not here.
//!
//! A test compares this list with the files: each message is in every language, with these arguments.

use crate::words::{Argument, Message};

macro_rules! messages {
    ($($name:ident($($argument:ident),*);)*) => {
        $(
            #[doc = concat!("The message `", stringify!($name), "`.")]
            pub fn $name($($argument: impl Into<Argument>),*) -> Message {
                Message::new(stringify!($name), vec![$((stringify!($argument), $argument.into())),*])
            }
        )*

        /// All of them, each with its arguments.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($argument)),*])),*];
    };
}

pub(crate) mod audit;

pub use audit::*;

messages! {
    // Around every page.
    account();
    portal();
    organizations();
    applications();
    devices();
    connected_apps();
    connect_device();
    sign_in();
    start_page();
    title_with_errors(title);
    the_app();
    scope_openid();
    scope_read();
    scope_write();
    scope_profile();
    scope_email();
    scope_offline_access();
    place_near_city_country(city, country);
    place_near_city(city);
    place_in_country(country);

    // What applications may ask for.
    permissions();
    resources();
    scope();
    scope_added();
    scope_removed();
    scope_reads();
    scope_reads_hint();
    scope_writes();
    scope_writes_hint();
    scope_name_wrong();
    scope_taken();
    scope_sentence_wrong();
    scope_sentence_invisible();
    scope_access_missing();
    scope_implies_wrong();
    scope_is_standard();
    scope_in_use(applications);
    scope_stale();
    scopes_full();
    resource_added();
    resource_removed();
    resource_uri_wrong();
    resource_taken();
    resources_full();

    // How members sign in.
    invitation_declined();
    portal_sign_in();
    sign_in_by_invitation();
    sign_in_by_invitation_hint();
    sign_in_by_domain();
    sign_in_by_domain_hint();
    sign_in_open();
    sign_in_open_hint();
    sign_in_domains_wrong();
    sign_in_unknown();
    sign_in_unknown_hint();
    sign_in_always();
    sign_in_always_hint();
    sign_in_off();
    sign_in_off_hint();
    sign_in_optional();
    sign_in_optional_hint();
    sign_in_required();
    sign_in_required_hint();
    sign_in_grace_wrong();
    sign_in_choose();
    device_login_on();
    device_login_on_hint();
    device_login_listed();
    device_login_listed_hint();
    device_login_off();
    device_login_off_hint();
    device_login_for_none();
    device_login_app_unknown();
    sign_in_stale();

    // The account's pages.
    profile();
    profile_saved();
    profile_language_of_browser();
    email_is_yours();
    email_letter_sent(email);
    email_changed();
    email_taken();
    use_other_address();
    delete_account();
    delete_account_other_address();
    account_deleted();
    sessions();
    sessions_ended_elsewhere();
    sessions_ended_with_keys();
    sessions_ended(number);
    known_browsers();
    browsers_forgotten(number);

    // API keys and MCP tokens.
    keys();
    mcp_tokens();
    api_keys();
    api_key();
    mcp_token();
    embedded_token();
    no_mcp_token();
    no_api_key();
    newest_keys(number);
    key_active();
    key_expired();
    key_revoked();
    key_is_revoked();
    key_kind_mcp_hint();
    key_kind_api_key_hint();
    key_kind_wrong();
    key_organization_wrong();
    key_organization_off();
    keys_switched_off();
    device_login_app_of_server();
    unregistered_programs();
    key_scope_none();
    key_days_wrong();
    key_days_too_many(days);
    key_made_before();
    keys_too_many(number);
    keys_too_many_revoked();
    api_key_made();
    mcp_token_made();
    newest_org_keys(number);
    longest_token_days_wrong();
    token_kind_jwt();
    token_kind_jwt_hint();
    token_kind_api_key();
    token_kind_api_key_hint();
    token_kind_mcp();
    token_kind_mcp_hint();
    token_kind_wrong();
    letter_api_key_made();
    letter_api_key_made_lead(host, name, organization);
    letter_mcp_token_made();
    letter_mcp_token_made_lead(host, name, organization);

    // Times.
    just_now();
    minutes_ago(minutes);
    hours_ago(hours);
    days_ago(days);
    on_date(day, month, year);
    now();
    in_minutes(minutes);
    in_hours(hours);
    in_days(days);
    exact_time(day, month, year, time);

    // Signing in.
    sign_in_for_device();
    sign_in_as_another();
    signed_out();
    login_wrong();
    login_email_missing();
    login_email_too_long();
    login_password_missing();
    login_password_too_long();
    login_spent(minutes);
    too_many_wait();

    // Signing in by way of another provider.
    upstream_denied();
    upstream_failed();
    upstream_away();
    upstream_stale();
    upstream_unverified();
    upstream_unknown();
    link_account();
    identity_linked();
    identity_unlinked();
    identity_other_address();
    identity_taken();
    identity_last();
    letter_identity_linked();
    letter_identity_linked_lead(host, provider);
    letter_identity_unlinked();
    letter_identity_unlinked_lead(host, provider);
    providers();
    provider();
    provider_kind_oidc();
    provider_kind_oidc_hint();
    provider_kind_usual_hint();
    provider_added();
    provider_removed();
    provider_name_bad();
    provider_name_anothers();
    provider_issuer_bad();
    provider_issuer_silent();
    provider_client_id_bad();
    provider_secret_missing();
    provider_secret_again();
    provider_scopes_bad();
    provider_kind_missing();
    provider_changed_meanwhile();
    provider_too_many();
    provider_checks_spent(minutes);

    // A sign-in that waits for the answer to a letter.
    new_device();
    new_device_denied();
    new_device_over();
    new_device_not_yet();
    recovery_code_wrong();
    new_device_too_soon();
    new_device_another();
    login_is_this_you();
    login_deny_this();
    login_number_wrong();
    login_number_wrong_last();
    login_approved();
    login_denied();
    login_ended();
    login_nothing_to_decide();
    signed_out_everywhere();

    // Accounts that begin and are recovered.
    create_account();
    by_email();
    password_forgotten();
    start_again();
    mailbox_heading();
    letter_address_wrong();
    letters_spent(minutes);
    new_password_heading();
    password_is_changed();
    own_name_empty();
    own_name_too_long();
    own_name_invisible();
    join();
    register_nowhere();
    register_by_invitation();
    register_other_address();
    register_taken();
    invitation_other();
    invitation_taken();
    email_code_heading();
    email_code_missing();
    email_code_wrong();
    email_code_spent();
    letters();

    // Connecting a device.
    code_wrong();
    code_missing();
    code_spent();
    stranger();
    stranger_may_join();
    you_belong_now(organization);
    approve_this_device();
    tick_needed();
    decision_missing();
    decision_without_organization();
    decision_over();
    pick_an_organization();
    organization_not_open();
    no_organization_yet();
    no_organization_yet_create();
    no_organization_lets_it_in();
    device_approved();
    device_denied();

    // The account.
    role_owner();
    role_admin();
    role_member();
    disconnected();

    // What keeps the account safe.
    security();
    factor_missing();
    go_to_security();
    totp_setup();
    passkey_added();
    passkey_renamed();
    passkey_removed();
    passkey_missing();
    passkey_wrong();
    passkey_over();
    passkey_copied();
    passkey_not_made();
    passkey_known();
    password_same();
    provider_remove_name_wrong();
    new_organization();
    org_id_wrong();
    org_id_taken();
    organizations_too_many(number);
    organizations_by_operator();
    organization_left();
    organization_deleted();
    last_owner_stays();
    settings();
    colour_wrong();
    signing_keys();
    signing_key_made();
    signing_key_when_wrong();
    signing_key_once_known();
    signing_key_once_known_hint();
    signing_key_at_once();
    signing_key_at_once_hint();
    signing_key_of_tokens();
    signing_key_signs();
    signing_key_waits();
    signing_key_verifies();
    signing_keys_stale();
    signing_keys_full();
    signing_keys_too_many();
    logo_too_large(kilobytes);
    logo_unknown();
    logo_pixels(most);
    org_delete_wrong();
    owners_alone();
    passkeys_too_many();
    passkey_name_wrong();
    totp_added();
    totp_removed();
    totp_wrong();
    recovery_codes();
    password_changed();
    password_not_current();
    password_too_short();
    password_too_long();
    password_guessable();
    password_breached();
    step_up();
    step_up_code_wrong();
    step_up_password_wrong();
    step_up_empty();
    step_up_password_not_enough();
    step_up_spent(minutes);
    factor_asked();
    factor_over();
    letter_email_changed();
    letter_email_changed_lead(host, email);
    letter_account_deleted();
    letter_account_deleted_lead(host);
    letter_password_changed();
    letter_password_changed_lead(host);
    letter_totp_added();
    letter_totp_added_lead(host);
    letter_totp_removed();
    letter_totp_removed_lead(host);
    letter_passkey_added();
    letter_passkey_added_lead(host);
    letter_passkey_removed();
    letter_passkey_removed_lead(host);
    letter_passkey_refused();
    letter_passkey_refused_lead(host);
    letter_codes_made();
    letter_codes_made_lead(host);
    letter_code_used();
    letter_code_used_lead(host, left);
    letter_attempts_spent();
    letter_attempts_spent_lead(host);
    letter_account_disabled();
    letter_account_disabled_lead(host);

    // The portal.
    create_application();
    kind_public();
    kind_public_hint();
    kind_confidential();
    kind_confidential_hint();
    grant_device_code();
    grant_authorization_code();
    grant_authorization_code_hint();
    redirect_uri_missing();
    redirect_uri_too_many(most);
    post_registration_no_page();
    redirect_uri_malformed(address);
    redirect_uri_fragment(address);
    redirect_uri_plain(address);
    redirect_uri_scheme(address);
    grant_device_code_hint();
    grant_refresh_token();
    grant_refresh_token_hint();
    grant_client_credentials();
    grant_client_credentials_hint();
    grant_client_credentials_hint_new();
    application_created();
    application_already_created();
    saved();
    application_disabled();
    application_enabled();
    application_deleted();
    device_revoked();
    secret_rotated();
    newest_requests(number);
    newest_devices(number);
    code_lifetime_hint(seconds);
    poll_interval_hint(seconds);
    code_format_letters_8();
    code_format_letters_9();
    code_format_digits_9();
    code_format_custom();
    code_format_custom_hint();
    as_organization();
    at_present(algorithm);
    alg_es256_hint();
    alg_rs256_hint();
    alg_eddsa_hint();
    reference_client();
    name_empty();
    name_invisible();
    name_too_long();
    kind_missing();
    grant_unknown();
    grant_missing();
    grant_refresh_alone();
    grant_needs_secret();
    grant_keys_are_for_devices();
    code_lifetime_wrong();
    poll_interval_wrong();
    code_length_wrong();
    code_charset_wrong();
    code_format_wrong();
    access_lifetime_wrong();
    id_token_alg_wrong();
    scope_unknown();
    scope_too_many();
    scope_default_not_allowed();
    delete_name_wrong();
    application_stale();
    rotation_stale();

    members();
    make_member();
    make_admin();
    make_owner();
    role_member_hint();
    role_admin_hint();
    role_owner_hint();
    invitation_sent();
    invitation_resent();
    invitation_revoked();
    role_changed();
    membership_ended();
    last_owner();
    role_above();
    invitation_not_open();
    role_unknown();
    invite_member_already();
    invite_already();
    invite_too_many();

    // Requests that were not done.
    error_410();
    error_410_sentence();
    error_400();
    error_400_sentence();
    error_403();
    error_403_sentence();
    error_404();
    error_404_sentence();
    error_405();
    error_405_sentence();
    error_408();
    error_408_sentence();
    error_409();
    error_409_sentence();
    conflict();
    signed_out_meanwhile_heading();
    go_back();
    error_413();
    error_413_sentence();
    error_429();
    error_429_sentence();
    error_500();
    error_500_sentence();
    error_503();
    error_503_sentence();
    form_forged();
    signed_out_meanwhile();
    for_admins();
    authorize_wrong();
    authorize_no_client();
    authorize_no_redirect();
    authorize_malformed();
    authorize_over();
    consent_title();
    sign_out_heading();
    sign_out_wrong();
    sign_out_nowhere();
    sign_out_other_client();
    sign_out_no_redirect();
    returning();
    account_choice();
    completion_step();
    step_go_on();
    way_back_used();
    way_back_over();
    way_back_foreign();
    embedded_end();
    question_over();
}
