### What many pages say.

## Around every page
skip-to-content = Skip to the content
address-bar = This is { $host }. Your address bar should say the same.
signed-in-as = Signed in as { $who }
signed-in-as-named = Signed in as { $name }, { $email }
your-account = Your account
account = Account
portal = Portal
organizations = Organizations
applications = Applications
devices = Devices
connected-apps = Connected apps
connect-device = Connect a device
sign-in = Sign in
sign-out = Sign out
start-page = Go to the start page

## Forms
things-to-correct = There are { $number } things to correct:
title-with-errors = Error: { $title }
copy = Copy
copy-what = Copy { $what }
copied = Copied
copy-by-hand = Select it and copy by hand

## Words of several pages
action = Action
app = App
organization = Organization
what-it-can-do = What it can do
unverified = unverified
last-used = Last used
last-renewed = Last renewed
never = never
approved = Approved
requested = Requested
the-app = The app

## Scopes that come with every organization
scope-openid = Know who you are
scope-profile = See your name
scope-email = See your e-mail address
scope-read = See what you can see
scope-write = Change what you can change
scope-offline-access = Stay signed in until you disconnect it

## Where an address is, by a file that may be wrong
place-near-city-country = near { $city }, { $country }, by its network address
place-near-city = near { $city }, by its network address
place-in-country = in { $country }, by its network address
