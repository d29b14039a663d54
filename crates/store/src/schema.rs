//! The tables as diesel sees them; the same on both engines, held to the databases by a test.

#![expect(missing_docs, reason = "the migrations document the columns")]

diesel::table! {
    organizations (org_id) {
        org_id -> Text,
        revision -> Integer,
        name -> Text,
        colour -> Nullable<Text>,
        logo -> Nullable<Text>,
        signing_alg -> Text,
        refresh_absolute_ms -> BigInt,
        refresh_idle_ms -> BigInt,
        refresh_grace_ms -> BigInt,
        code_expiration_ms -> BigInt,
        poll_interval_ms -> BigInt,
        state -> Text,
        created_at -> BigInt,
        factor_required_since -> Nullable<BigInt>,
        factor_grace_ms -> BigInt,
        registration -> Text,
        new_device_policy -> Text,
        device_login -> Text,
        device_login_apps -> Text,
        device_scope_ceiling -> Text,
        longest_token_ms -> BigInt,
    }
}

diesel::table! {
    email_changes (id) {
        id -> Binary,
        user_id -> Binary,
        email -> Text,
        credentials_changed_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    mail_links (id) {
        id -> Binary,
        kind -> Text,
        email -> Text,
        user_id -> Nullable<Binary>,
        credentials_changed_at -> Nullable<BigInt>,
        org_id -> Nullable<Text>,
        browser -> Nullable<Binary>,
        next -> Text,
        remember -> Bool,
        wrong_codes -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (org_id, id) {
        org_id -> Text,
        id -> Binary,
        email -> Text,
        email_key -> Text,
        role -> Text,
        state -> Text,
        created_at -> BigInt,
        sent_at -> BigInt,
        expires_at -> BigInt,
        invited_by -> Nullable<Binary>,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        email -> Text,
        email_key -> Text,
        name -> Text,
        email_verified_at -> Nullable<BigInt>,
        password_hash -> Nullable<Text>,
        state -> Text,
        credentials_changed_at -> BigInt,
        first_known_device_at -> Nullable<BigInt>,
        created_at -> BigInt,
        language -> Nullable<Text>,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    memberships (org_id, user_id) {
        org_id -> Text,
        user_id -> Binary,
        role -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    scopes (org_id, name) {
        org_id -> Text,
        name -> Text,
        sentence -> Text,
        access -> Text,
        implies -> Text,
        revision -> Integer,
    }
}

diesel::table! {
    resources (org_id, uri) {
        org_id -> Text,
        uri -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    applications (org_id, id) {
        org_id -> Text,
        id -> Binary,
        client_id -> Text,
        revision -> Integer,
        state -> Text,
        kind -> Text,
        name -> Text,
        grants -> Text,
        scopes -> Text,
        default_scopes -> Text,
        code_expiration_ms -> Nullable<BigInt>,
        poll_interval_ms -> Nullable<BigInt>,
        user_code_format -> Text,
        prefilled_uri -> Bool,
        access_lifetime_ms -> BigInt,
        id_token_alg -> Nullable<Text>,
        created_at -> BigInt,
        redirect_uris -> Text,
        post_logout_redirect_uris -> Text,
        challenge_required -> Bool,
        token_kind -> Text,
        embedded -> Bool,
        post_registration_url -> Nullable<Text>,
        logo -> Nullable<Text>,
    }
}

diesel::table! {
    logos (org_id, name) {
        org_id -> Text,
        name -> Text,
        media_type -> Text,
        content -> Binary,
    }
}

diesel::table! {
    completion_steps (org_id, user_id, application_id) {
        org_id -> Text,
        user_id -> Binary,
        application_id -> Binary,
        due_at -> BigInt,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    page_decisions (org_id, user_id, application_id, request) {
        org_id -> Text,
        user_id -> Binary,
        application_id -> Binary,
        request -> Binary,
        decided_at -> BigInt,
    }
}

diesel::table! {
    application_secrets (org_id, application_id, digest) {
        org_id -> Text,
        application_id -> Binary,
        digest -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    grants (org_id, id) {
        org_id -> Text,
        id -> Binary,
        revision -> Integer,
        flow -> Text,
        state -> Text,
        application_id -> Binary,
        profile -> Text,
        binding -> Text,
        backoff -> Text,
        interval_ms -> BigInt,
        scopes -> Text,
        resources -> Text,
        code_challenge -> Nullable<Text>,
        user_code_format -> Text,
        device_code_digest -> Binary,
        user_code_digest -> Binary,
        origin_address -> Text,
        origin_program -> Text,
        opened_at -> BigInt,
        expires_at -> BigInt,
        claimed_by -> Nullable<Binary>,
        claimed_at -> Nullable<BigInt>,
        claimed_code -> Nullable<Binary>,
        decided_by -> Nullable<Binary>,
        decided_at -> Nullable<BigInt>,
        granted_org_id -> Nullable<Text>,
        granted_scopes -> Nullable<Text>,
        auth_time -> Nullable<BigInt>,
        redeemed_at -> Nullable<BigInt>,
        client_name -> Nullable<Text>,
    }
}

diesel::table! {
    code_directory (kind, digest) {
        kind -> Text,
        digest -> Binary,
        org_id -> Text,
        grant_id -> Binary,
        expires_at -> BigInt,
        counted_format -> Nullable<Text>,
    }
}

diesel::table! {
    families (org_id, id) {
        org_id -> Text,
        id -> Binary,
        grant_id -> Binary,
        home_org_id -> Text,
        application_id -> Binary,
        user_id -> Binary,
        scopes -> Text,
        resources -> Text,
        auth_time -> BigInt,
        generation -> Nullable<Integer>,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        state -> Text,
        revoked_reason -> Nullable<Text>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    opaque_tokens (org_id, id) {
        org_id -> Text,
        id -> Binary,
        digest -> Binary,
        kind -> Text,
        name -> Text,
        beginning -> Text,
        grant_id -> Nullable<Binary>,
        home_org_id -> Text,
        application_id -> Binary,
        user_id -> Binary,
        scopes -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        expires_at -> BigInt,
        state -> Text,
        revoked_reason -> Nullable<Text>,
        revoked_at -> Nullable<BigInt>,
        resources -> Text,
    }
}

diesel::table! {
    refresh_tokens (org_id, family_id, generation) {
        org_id -> Text,
        family_id -> Binary,
        generation -> Integer,
        digest -> Binary,
        first_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    revoked_tokens (org_id, jti) {
        org_id -> Text,
        jti -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    signing_keys (org_id, kid) {
        org_id -> Text,
        kid -> Text,
        alg -> Text,
        public_jwk -> Text,
        sealed_data_key -> Binary,
        sealed_private_key -> Binary,
        master_key_version -> Integer,
        created_at -> BigInt,
        signs_from -> BigInt,
        published_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_devices (id) {
        id -> Binary,
        user_id -> Binary,
        digest -> Binary,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        address -> Text,
        program -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        digest -> Binary,
        user_id -> Binary,
        known_device_id -> Nullable<Binary>,
        auth_time -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        address -> Text,
        program -> Text,
        factor_at -> Nullable<BigInt>,
        only_org -> Nullable<Text>,
        identity_id -> Nullable<Binary>,
    }
}

diesel::table! {
    login_attempts (id) {
        id -> Binary,
        user_id -> Binary,
        browser -> Binary,
        digest -> Binary,
        known_device_id -> Nullable<Binary>,
        state -> Text,
        wrong_numbers -> Integer,
        decided_at -> Nullable<BigInt>,
        address -> Text,
        program -> Text,
        next -> Text,
        remember -> Bool,
        credentials_changed_at -> BigInt,
        letters -> Integer,
        letter_at -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        only_org -> Nullable<Text>,
        identity_id -> Nullable<Binary>,
    }
}

diesel::table! {
    waiting_codes (digest) {
        digest -> Binary,
        org_id -> Text,
        sealed_code -> Binary,
        network -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    budgets (kind, subject, slot) {
        kind -> Text,
        subject -> Binary,
        slot -> Integer,
        window_start -> BigInt,
        spent -> Integer,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        fence -> BigInt,
        held_until -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Binary,
        letter -> Text,
        recipient -> Text,
        payload -> Text,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> BigInt,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    audit (org_id, id) {
        org_id -> Text,
        id -> Binary,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        object -> Text,
        address -> Nullable<Text>,
        details -> Text,
        position -> Nullable<BigInt>,
        previous_hash -> Nullable<Binary>,
        hash -> Nullable<Binary>,
    }
}

diesel::table! {
    totp (user_id) {
        user_id -> Binary,
        sealed_secret -> Binary,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        last_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, digest) {
        user_id -> Binary,
        digest -> Binary,
        created_at -> BigInt,
        spent_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Binary,
        user_id -> Binary,
        credential_id -> Binary,
        name -> Text,
        credential -> Text,
        counter -> BigInt,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ceremonies (digest, kind) {
        digest -> Binary,
        kind -> Text,
        state -> Text,
        network -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    factor_attempts (digest) {
        digest -> Binary,
        user_id -> Binary,
        browser -> Binary,
        known_device_id -> Nullable<Binary>,
        next -> Text,
        remember -> Bool,
        credentials_changed_at -> BigInt,
        expires_at -> BigInt,
        only_org -> Nullable<Text>,
        identity_id -> Nullable<Binary>,
    }
}

diesel::table! {
    upstream_providers (org_id, id) {
        org_id -> Text,
        id -> Binary,
        kind -> Text,
        name -> Text,
        issuer -> Text,
        client_id -> Text,
        sealed_secret -> Binary,
        scopes -> Text,
        enabled -> Bool,
        created_at -> BigInt,
        revision -> BigInt,
    }
}

diesel::table! {
    upstream_identities (provider_owner, provider_id, issuer, subject) {
        provider_owner -> Text,
        provider_id -> Text,
        issuer -> Text,
        subject -> Text,
        id -> Binary,
        user_id -> Binary,
        email -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    upstream_attempts (digest) {
        digest -> Binary,
        browser -> Binary,
        provider_owner -> Text,
        provider_id -> Text,
        user_id -> Nullable<Binary>,
        next -> Text,
        network -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    pending_links (digest) {
        digest -> Binary,
        provider_owner -> Text,
        provider_id -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Text,
        next -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    authorization_codes (org_id, digest) {
        org_id -> Text,
        digest -> Binary,
        grant_id -> Binary,
        application_id -> Binary,
        redirect_uri -> Nullable<Text>,
        scopes -> Text,
        resources -> Text,
        code_challenge -> Nullable<Text>,
        nonce -> Nullable<Text>,
        user_id -> Binary,
        granted_scopes -> Text,
        approved_at -> BigInt,
        auth_time -> BigInt,
        session_id -> Binary,
        expires_at -> BigInt,
        redeemed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consents (org_id, user_id, application_id) {
        org_id -> Text,
        user_id -> Binary,
        application_id -> Binary,
        scopes -> Text,
        resources -> Text,
        given_at -> BigInt,
    }
}

diesel::table! {
    authorization_requests (digest) {
        digest -> Binary,
        org_id -> Text,
        parameters -> Text,
        network -> Text,
        expires_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    application_secrets,
    applications,
    authorization_codes,
    authorization_requests,
    consents,
    audit,
    budgets,
    ceremonies,
    code_directory,
    completion_steps,
    page_decisions,
    factor_attempts,
    families,
    opaque_tokens,
    grants,
    invitations,
    known_devices,
    leases,
    logos,
    login_attempts,
    email_changes,
    mail_links,
    memberships,
    organizations,
    outbox,
    passkeys,
    pending_links,
    recovery_codes,
    refresh_tokens,
    resources,
    revoked_tokens,
    scopes,
    sessions,
    signing_keys,
    totp,
    upstream_attempts,
    upstream_identities,
    upstream_providers,
    users,
    waiting_codes,
);
