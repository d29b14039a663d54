### Requests that were not done: what happened, then what to do.

error-number = Error { $status }, request { $request }
error-400 = This request can't be read
error-400-sentence = Something in the address or the form is not as it should be. Go back and try again.
error-403 = You can't do this here
error-403-sentence = Your account is not allowed to, or the page was open for too long. Go back, reload the page and try again.
error-404 = There is no such page
error-404-sentence = The address may be mistyped, or the page is not one that you may see. Check the address.
error-405 = This page can't be used that way
error-405-sentence = The address exists, but not for what your browser sent. Go back and use the page's own buttons.
error-408 = That took too long
error-408-sentence = What you sent did not arrive in time, and nothing was changed. Go back and send it again.
error-409 = This has already been decided
error-409-sentence = It was decided elsewhere, or it expired while you were looking. Start again on your device if you still need it.
conflict = This can't be done as it stands
error-413 = That is too much
error-413-sentence = What you sent is larger than this page takes. Shorten it and send it again.
error-429 = Too many attempts
error-429-sentence = For safety, this is paused for a while. Wait a few minutes, then try again.
error-500 = Something went wrong on our side
error-500-sentence = It was recorded and you did nothing wrong. Try again; if it happens again, tell your admin the number below.
error-503 = Doorward is busy
error-503-sentence = It can't answer right now, and nothing was changed. Try again in a moment.

form-forged = This page was open for too long, or belongs to another sign-in. Go back, load it again and repeat what you did.
signed-out-meanwhile = You are not signed in any more. Sign in, then repeat what you did.
signed-out-meanwhile-heading = You are signed out
go-back = Go back
for-admins = This page is for admins of the organization. Ask one of them to do it, or to make you an admin.
no-code-flow = This app can't sign you in here yet
no-code-flow-sentence = It asked for a way of signing in that this server does not have. Tell whoever makes the app to use a device code.
error-410 = This link doesn't work any more
error-410-sentence = It was used, it is too old, or it was taken back. Ask for another one.
