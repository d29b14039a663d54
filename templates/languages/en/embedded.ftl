# An app that shows our pages inside its own

## Who goes on
account-choice = Who goes on?
account-choice-lead = { $app } expects somebody else. You are signed in as { $who }.
go-on-as = Go on as { $who }

## The app's own step after registering
completion-step = One more step
completion-step-lead = { $app } asks you for something more. This goes on by itself; if nothing happens, use the button.
step-go-on = Go on
way-back-used = You have been back from this step already. Go on from here.
way-back-over = This took too long. Go on from here, and take the step once more.
way-back-foreign = This address works only for whoever has just registered, where they did so. Go back to the app and start again.

## The end
embedded-end = Back to the app
embedded-end-lead = The app goes on by itself. If it doesn't, open it and sign in there.
registered-elsewhere = Have you made your account in another window? Then { $link }.
sign-in-here = sign in here
