### Zeiten, wie man sie sagt.

just-now = gerade eben
minutes-ago = { $minutes ->
    [one] vor 1 Minute
   *[other] vor { $minutes } Minuten
}
hours-ago = { $hours ->
    [one] vor 1 Stunde
   *[other] vor { $hours } Stunden
}
days-ago = { $days ->
    [one] vor 1 Tag
   *[other] vor { $days } Tagen
}
on-date = am { $day }. { month } { $year }
now = jetzt
in-minutes = { $minutes ->
    [one] in 1 Minute
   *[other] in { $minutes } Minuten
}
in-hours = { $hours ->
    [one] in 1 Stunde
   *[other] in { $hours } Stunden
}
in-days = { $days ->
    [one] in 1 Tag
   *[other] in { $days } Tagen
}
exact-time = { $day }. { month } { $year }, { $time } Uhr UTC

# Teil der beiden oben.
month = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
