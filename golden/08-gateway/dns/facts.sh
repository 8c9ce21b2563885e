printf 'version: 1\ngathered: %s\nrecords:\n' "$today"

name 'spf.filter.example'
ask 'spf.filter.example' TXT txt

exit "$lost"
