# Run on the host; it only reads. Tables of passwords are left out.
# Then: mailtopo import mx=etc-postfix --out spec
mkdir etc-postfix
postconf -n >etc-postfix/main.cf
postconf -M >etc-postfix/master.cf
tables='s/^\(proxy:\)\{0,1\}\(hash\|lmdb\|btree\|texthash\|cdb\|cidr\)://p'
for table in $({ postconf -nx; postconf -Px; } | tr ', ' '\n\n' | sed -n "$tables" | sort -u); do
  case $table in
    *passw*) ;;
    *) cp "$table" etc-postfix/ ;;
  esac
done
