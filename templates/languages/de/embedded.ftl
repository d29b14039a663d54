# Eine App, die unsere Seiten in ihren eigenen zeigt

## Wer weitermacht
account-choice = Wer macht weiter?
account-choice-lead = { $app } erwartet jemand anderen. Sie sind angemeldet als { $who }.
go-on-as = Weiter als { $who }

## Der eigene Schritt der App nach dem Registrieren
completion-step = Noch ein Schritt
completion-step-lead = { $app } braucht noch etwas von Ihnen. Es geht von selbst weiter; geschieht nichts, benutzen Sie die Schaltfläche.
step-go-on = Weiter
way-back-used = Von diesem Schritt sind Sie schon zurück. Machen Sie hier weiter.
way-back-over = Das hat zu lange gedauert. Machen Sie hier weiter, und gehen Sie den Schritt noch einmal.
way-back-foreign = Diese Adresse gilt nur für die Person, die sich gerade registriert hat, und nur dort, wo sie das getan hat. Gehen Sie zurück zur App und beginnen Sie von vorn.

## Das Ende
embedded-end = Zurück zur App
embedded-end-lead = Die App macht von selbst weiter. Wenn nicht, öffnen Sie sie und melden Sie sich dort an.
registered-elsewhere = Haben Sie Ihr Konto in einem anderen Fenster angelegt? Dann { $link }.
sign-in-here = melden Sie sich hier an
