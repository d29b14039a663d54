//! Device login for other programs: discover, begin, poll, refresh, store
