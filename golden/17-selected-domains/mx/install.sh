#!/bin/sh
# Puts the Postfix configuration that lies beside this script in place, as a whole or not at all.
#
#   install.sh [--dry-run] [--without-lock] [--config-dir DIR] [--restore first|NAME]
#
# --without-lock leaves out what rejects mail on any other path than the one that the spec names: the host takes mail from
# everywhere until a run without it. --dry-run shows what would change and changes nothing. A second run changes nothing either. When Postfix does not
# take the new configuration, the former one is restored. The tables get a folder of their own at every change, and
# mailtopo is a link to it, so that there is no moment without tables. Each run keeps what it replaces in a folder of
# mailtopo-previous that is named after its time, and never deletes one: --restore first brings back what this host had
# before the first run, --restore NAME what is kept in the folder NAME. Written by mailtopo; needs Postfix 3.5 or later.
set -eu
umask 022

location='mx'
map_type='lmdb'
indexed_tables='mailtopo_limit_1_recipients sender_access tls_policy transport virtual_mailbox_domains virtual_mailbox_maps'
cidr_tables='client_access'
regexp_tables=''
services='lmtp smtp'
needs_authorities='smtp'
# the service of master.cf of each SMTP client of its own
clients() {
  :
}
# name and file of each certificate
certificates() {
  printf '%s\n' 'mail.fabrikam.com mailtopo-private/mail.fabrikam.com.pem'
}
# name and next hop of each credential
credentials() {
  printf '%s\n' 'archive-login [smtp.archive.example]:587'
}

say() { printf '%s\n' "$location: $*"; }
fail() {
  printf '%s\n' "$location: $*" >&2
  exit 1
}

dry_run=no
lock=yes
config=
restore=
while [ $# -gt 0 ]; do
  case $1 in
  --dry-run) dry_run=yes ;;
  --without-lock) lock=no ;;
  --config-dir)
    [ $# -gt 1 ] || fail "--config-dir needs a folder"
    config=$2
    shift
    ;;
  --restore)
    [ $# -gt 1 ] || fail "--restore needs the word first or the name of a folder of mailtopo-previous"
    restore=$2
    shift
    ;;
  *) fail "unknown argument $1; usage: install.sh [--dry-run] [--without-lock] [--config-dir DIR] [--restore first|NAME]" ;;
  esac
  shift
done

PATH=$PATH:/usr/sbin:/usr/local/sbin
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
command -v postconf >/dev/null || fail "postconf is not found: is Postfix installed?"
[ -n "$config" ] || config=$(postconf -h config_directory)
if ! [ -f "$config/main.cf" ] || ! [ -f "$config/master.cf" ]; then fail "$config holds no main.cf and master.cf"; fi
if [ -e "$config/mailtopo" ] && ! [ -L "$config/mailtopo" ]; then fail "$config/mailtopo is not ours, move it away"; fi
private=$config/mailtopo-private
previous=$config/mailtopo-previous

# Everything is made and tested in a folder beside the real one, and moved from there.
if [ "$dry_run" = yes ]; then
  stage=$(mktemp -d)
else
  [ "$(id -u)" = 0 ] || fail "only root can do this; --dry-run shows what would be done"
  stage=$(mktemp -d "$config/.mailtopo.XXXXXX")
fi
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$stage"

quiet() {
  said=$("$@" 2>&1 >/dev/null) || true
  [ -z "$said" ] || fail "$said"
}
build() {
  if [ "$map_type" = texthash ]; then
    quiet postmap -c "$stage" -q mailtopo.invalid "texthash:$1"
  else
    quiet postmap -c "$stage" "$map_type:$1"
  fi
}
warnings() { postconf -c "$1" -n 2>&1 >/dev/null | sed "s|$1|.|g" | sort -u; }

# SMTP clients with parameters of their own, a line each, after those of an earlier run are taken out. Nothing else of master.cf
# is touched.
services_of_ours() {
  postconf -c "$stage" -M | sed -n 's/^\(mailtopo-[^ ]*\) .*/\1/p' | while read -r name; do
    postconf -c "$stage" -MX "$name/unix"
  done
  while read -r name service; do postconf -c "$stage" -M "$name/unix=$name $service"; done
}

# What lies beside this script, and the parameters of the host with ours among them, in the folder $stage.
prepare_output() {
  # What the host must have.
  case $(postconf -dh mail_version) in
  [012].* | 3.[0-4].* | 3.[0-4]) fail "Postfix $(postconf -dh mail_version) is too old, 3.5 or later is needed" ;;
  esac
  for type in "$map_type" cidr regexp; do
    postconf -m | grep -qx "$type" || fail "this Postfix does not know the table type $type; install its package"
  done
  for service in $services; do
    [ -n "$(postconf -c "$config" -M "$service/unix")" ] || fail "master.cf has no service $service"
  done

  # Private keys never leave the host: who runs this puts them there once.
  certificates | while read -r name file; do
    [ -s "$config/$file" ] || fail "put the private key, the certificate for $name and its chain into $config/$file (mode 600)"
    if command -v openssl >/dev/null; then
      host=$(printf '%s' "$name" | sed 's/^\*/host/')
      openssl x509 -in "$config/$file" -noout -checkhost "$host" 2>/dev/null | grep -q 'does match' ||
        fail "the certificate in $config/$file is not for $name"
    fi
  done

  # The tables. postmap says what is wrong and succeeds all the same, so that any word of it is a failure.
  mkdir "$stage/mailtopo"
  cp "$config/master.cf" "$stage/master.cf"
  # With its time: Postfix waits for two seconds before it believes a younger one.
  cp -p "$config/main.cf" "$stage/main.cf"
  for table in $indexed_tables $cidr_tables $regexp_tables; do
    cp "$here/$table" "$stage/mailtopo/$table"
  done
  # The lock is the lines of this table that reject; without them it decides nothing.
  if [ "$lock" = no ] && [ -f "$here/admitted" ]; then
    grep -v ' REJECT ' "$here/admitted" >"$stage/mailtopo/admitted" || true
  fi
  cp "$here/main.cf" "$stage/mailtopo/main.cf"
  for table in $indexed_tables; do build "$stage/mailtopo/$table"; done
  for table in $cidr_tables; do quiet postmap -c "$stage" -q 192.0.2.1 "cidr:$stage/mailtopo/$table"; done
  for table in $regexp_tables; do quiet postmap -c "$stage" -q user@mailtopo.invalid "regexp:$stage/mailtopo/$table"; done

  # Passwords: one file per credential, asked for once.
  credentials | cut -d ' ' -f 1 | sort -u >"$stage/names"
  while read -r name; do
    [ -s "$private/$name" ] && continue
    if [ "$dry_run" = yes ]; then
      say "would ask for the credential $name"
      continue
    fi
    { [ -t 1 ] && [ -r /dev/tty ]; } || fail "write USER:PASSWORD of the credential $name into $private/$name (mode 600), or run this at a terminal"
    printf 'User name for %s: ' "$name" >/dev/tty
    IFS= read -r user </dev/tty
    printf 'Password for %s: ' "$name" >/dev/tty
    stty -echo </dev/tty
    IFS= read -r password </dev/tty || true
    stty echo </dev/tty
    printf '\n' >/dev/tty
    mkdir -p "$private"
    chmod 700 "$private"
    (umask 077 && printf '%s:%s\n' "$user" "$password" >"$private/$name")
  done <"$stage/names"
  if [ -s "$stage/names" ]; then
    (
      umask 077
      : >"$stage/mailtopo/sasl_passwd"
      credentials | while read -r name next_hop; do
        [ ! -s "$private/$name" ] || printf '%s %s\n' "$next_hop" "$(head -n 1 "$private/$name")"
      done >>"$stage/mailtopo/sasl_passwd"
      build "$stage/mailtopo/sasl_passwd"
    )
  fi
  rm -f "$stage/names"

  # The parameters: ours are set, those that an earlier run set and this one does not name are taken out.
  mkdir "$stage/ours"
  cp -p "$here/main.cf" "$stage/ours/main.cf"
  cp "$config/master.cf" "$stage/ours/master.cf"
  said=$(postconf -c "$stage/ours" -n 2>&1 >"$stage/all" | grep -v '^postconf: warning: .*master\.cf' || true)
  [ -z "$said" ] || fail "$said"
  # The folder of this look at them is no parameter of ours.
  grep -v '^config_directory = ' "$stage/all" >"$stage/parameters"
  if [ -f "$config/mailtopo/main.cf" ]; then
    sed -n 's/^\([a-z][a-z0-9_]*\) *=.*/\1/p' "$config/mailtopo/main.cf" | while read -r name; do
      # What follows decides about this one.
      [ "$name" != smtpd_restriction_classes ] || continue
      grep -q "^$name *=" "$here/main.cf" || postconf -c "$stage" -X "$name"
    done
  fi
  set --
  while IFS= read -r line; do set -- "$@" "$line"; done <"$stage/parameters"
  postconf -c "$stage" -e "$@"
  # Classes of restrictions that the host has of its own stay.
  classes=
  for class in $(postconf -c "$config" -h smtpd_restriction_classes | tr ',' ' '); do
    case $class in mailtopo_*) ;; *) classes="$classes $class" ;; esac
  done
  classes="$classes $(postconf -c "$stage/ours" -h smtpd_restriction_classes 2>/dev/null)"
  if [ -n "${classes# }" ]; then
    postconf -c "$stage" -e "smtpd_restriction_classes =$classes"
  elif grep -q '^smtpd_restriction_classes' "$stage/main.cf"; then
    postconf -c "$stage" -X smtpd_restriction_classes
  fi
  rm -rf "$stage/ours" "$stage/all" "$stage/parameters"
  # The authorities by which certificates are checked, for each client that checks them.
  for client in $needs_authorities; do
    [ -z "$(postconf -c "$stage" -h "${client}_tls_CAfile")$(postconf -c "$stage" -h "${client}_tls_CApath")" ] || continue
    found=$(postconf -c "$stage" -h smtp_tls_CAfile)
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
      [ -z "$found" ] && [ -s "$file" ] && found=$file
    done
    [ -n "$found" ] || fail "certificates must be verified and no authorities are known: set ${client}_tls_CAfile"
    postconf -c "$stage" -e "${client}_tls_CAfile = $found"
  done

  clients | services_of_ours
  # A name that is mistyped is only a warning to Postfix. What the host already had before is not ours to judge.
  warnings "$config" >"$stage/before"
  warnings "$stage" >"$stage/after"
  new=$(comm -13 "$stage/before" "$stage/after")
  [ -z "$new" ] || fail "$new"
  rm -f "$stage/before" "$stage/after"

  # The host's own name must not be a domain whose mail is handled elsewhere.
  host=$(postconf -c "$stage" -xh myhostname)
  for table in relay_domains virtual_mailbox_domains transport; do
    [ -f "$stage/mailtopo/$table" ] || continue
    [ -z "$(postmap -c "$stage" -q "$host" "$map_type:$stage/mailtopo/$table" 2>/dev/null || true)" ] ||
      fail "myhostname is $host, and mail for that domain goes elsewhere; set myhostname to the name of this host alone"
  done
}

# What an earlier run kept, in the folder $stage.
prepare_kept() {
  kept=$restore
  if [ "$kept" = first ]; then
    kept=
    for folder in "$previous"/*/; do
      [ -n "$kept" ] || kept=$(basename "$folder")
    done
  fi
  case $kept in */* | .*) fail "$kept is no name of a folder of $previous" ;; esac
  [ -f "$previous/$kept/main.cf" ] || fail "$previous holds no folder $kept"
  cp -p "$previous/$kept/main.cf" "$stage/main.cf"
  cp "$config/master.cf" "$stage/master.cf"
  [ ! -d "$previous/$kept/mailtopo" ] || cp -Rp "$previous/$kept/mailtopo" "$stage/mailtopo"
  # Its main.cf and tables name the services of its own master.cf.
  postconf -c "$previous/$kept" -M 2>/dev/null | grep '^mailtopo-' | services_of_ours
}

if [ -n "$restore" ]; then prepare_kept; else prepare_output; fi

# What changes.
differs=no
if ! diff -u "$config/main.cf" "$stage/main.cf"; then differs=yes; fi
if ! diff -u "$config/master.cf" "$stage/master.cf"; then differs=yes; fi
mkdir "$stage/none"
now=$config/mailtopo
[ -d "$now" ] || now=$stage/none
then=$stage/mailtopo
[ -d "$then" ] || then=$stage/none
if ! diff -ruN -x '*.lmdb' -x '*.db' -x sasl_passwd "$now" "$then"; then differs=yes; fi
if [ -f "$then/sasl_passwd" ] && ! cmp -s "$now/sasl_passwd" "$then/sasl_passwd"; then
  say "passwords change"
  differs=yes
fi
rm -rf "$stage/none"
if [ "$differs" = no ]; then
  say "nothing to do"
  exit 0
fi
if [ "$dry_run" = yes ]; then
  say "dry run: nothing is changed"
  exit 0
fi

# postfix check speaks to a terminal or to the log only. Where it says nothing, its exit code still tells.
check() {
  if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    script -qec "postfix -c '$1' check" /dev/null </dev/null >"$2.raw" 2>&1 || return 1
  else
    postfix -c "$1" check >"$2.raw" 2>&1 || return 1
  fi
  tr -d '\r' <"$2.raw" | sed "s|$1|.|g" | sort -u >"$2"
}
# What the host was told before is not ours to judge; what is new is, and whatever names our files.
accepted() {
  if ! check "$1" "$notes/after"; then
    tr -d '\r' <"$notes/after.raw" >&2
    return 1
  fi
  # What was kept was taken once.
  [ -z "$restore" ] || return 0
  words=$(
    comm -13 "$notes/before" "$notes/after"
    grep mailtopo "$notes/after" || true
  )
  [ -z "$words" ] || printf '%s\n' "$words" >&2
  [ -z "$words" ]
}
# Version 0.1 kept one state, that of before its last run, with a link to tables that "postfix check" complains of.
if [ -f "$previous/main.cf" ]; then
  mkdir -p "$previous/0-kept-by-0.1"
  mv "$previous/main.cf" "$previous/0-kept-by-0.1/main.cf"
  rm -f "$previous/mailtopo"
fi
notes=$(mktemp -d)
trap 'rm -rf "$stage" "$notes"' EXIT
: >"$notes/before"
check "$config" "$notes/before" || true
[ -f "$notes/before" ] || : >"$notes/before"
accepted "$stage" || fail "postfix check does not take the new configuration; nothing is changed"

old=
[ ! -L "$config/mailtopo" ] || old=$(readlink "$config/mailtopo")
new=
[ ! -d "$stage/mailtopo" ] || new=$(basename "$(mktemp -d "$config/mailtopo-tables.XXXXXX")")
mkdir -p "$previous"
# A run in the same second waits for the next one: names tell the order.
until kept=$(date -u +%Y-%m-%dT%H%M%SZ) && mkdir "$previous/$kept" 2>/dev/null; do sleep 1; done
cp -p "$config/main.cf" "$config/master.cf" "$previous/$kept/"

# The link is replaced in one step where mv can do that.
point_to() {
  rm -f "$config/.mailtopo.link"
  ln -s "$1" "$config/.mailtopo.link"
  mv -Tf "$config/.mailtopo.link" "$config/mailtopo" 2>/dev/null || {
    rm -f "$config/.mailtopo.link"
    ln -sfn "$1" "$config/mailtopo"
  }
}
# Services come before what names them.
place() {
  for file in master.cf main.cf; do
    ! cmp -s "$1/$file" "$config/$file" || continue
    cp -p "$config/$file" "$config/.$file.mailtopo"
    cat "$1/$file" >"$config/.$file.mailtopo"
    mv "$config/.$file.mailtopo" "$config/$file"
  done
}
# Nothing but the link tells which tables are in use, so that it is all there is to turn round.
use_tables() { if [ -n "$1" ]; then point_to "$1"; else rm -f "$config/mailtopo"; fi; }
undo() {
  trap 'rm -rf "$stage" "$notes"' EXIT
  place "$previous/$kept"
  use_tables "$old"
  [ -z "$new" ] || rm -rf "${config:?}/$new"
  rm -rf "${previous:?}/$kept"
  if postfix -c "$config" status >/dev/null 2>&1; then postfix -c "$config" reload || true; fi
  say "the previous configuration is in place again" >&2
}
trap 'undo; rm -rf "$stage" "$notes"' EXIT
if [ -n "$new" ]; then
  chmod 755 "$config/$new"
  cp -p "$stage/mailtopo/"* "$config/$new/"
fi
use_tables "$new"
place "$stage"
accepted "$config" || fail "postfix check does not take the new configuration"
is_loaded="; Postfix is not running"
if postfix -c "$config" status >/dev/null 2>&1; then
  postfix -c "$config" reload || fail "postfix reload failed"
  is_loaded=" and loaded"
fi
trap 'rm -rf "$stage" "$notes"' EXIT
# The tables that were in use are kept with their main.cf.
[ -z "$old" ] || mv "$config/$old" "$previous/$kept/mailtopo"
say "installed$is_loaded; what was there before is in $previous/$kept"
