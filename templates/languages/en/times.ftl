### Times as people say them.

just-now = just now
minutes-ago = { $minutes ->
    [one] 1 minute ago
   *[other] { $minutes } minutes ago
}
hours-ago = { $hours ->
    [one] 1 hour ago
   *[other] { $hours } hours ago
}
days-ago = { $days ->
    [one] 1 day ago
   *[other] { $days } days ago
}
on-date = on { $day } { month } { $year }
now = now
in-minutes = { $minutes ->
    [one] in 1 minute
   *[other] in { $minutes } minutes
}
in-hours = { $hours ->
    [one] in 1 hour
   *[other] in { $hours } hours
}
in-days = { $days ->
    [one] in 1 day
   *[other] in { $days } days
}
exact-time = { $day } { month } { $year }, { $time } UTC

# Part of the two above.
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
