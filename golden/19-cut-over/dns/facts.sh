printf 'version: 1\ngathered: %s\nrecords:\n' "$today"

name 'mx.newsletter.example'
ask 'mx.newsletter.example' 'A AAAA' a

name 'spf.newsletter.example'
ask 'spf.newsletter.example' TXT txt

name 'spf.protection.outlook.com'
ask 'spf.protection.outlook.com' TXT txt

exit "$lost"
