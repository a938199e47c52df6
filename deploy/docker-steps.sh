#!/usr/bin/env bash
# Runs the steps of the Dockerfile one by one, without any engine, then what they made, as another
# user (when it may) who can write in its data and /tmp alone, and prints what it weighs:
#   PYTHON=/usr/bin/python3 deploy/docker-steps.sh [NEW FOLDER]
# As root, take a Python that every user may run, so not one in root's own folder.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
root=$(realpath "${1:-$(mktemp -d -p /var/tmp aiguille-steps.XXXX)}")
port=${PORT:-8931}
mkdir -p "$root/src" "$root/data"
chmod 755 "$root"

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'ÉCHEC : %s\n' "$*" >&2; exit 1; }

# The steps of the first stage, with the paths of the image under $root.
awk '/^FROM/ { stage++ } stage == 1' Dockerfile | while read -r step rest; do
  case $step in
    RUN)
      line=$(sed -E "s#(^| )(/build|/opt/aiguille)#\1$root\2#g; s#^python #$PYTHON #" <<<"$rest")
      say "RUN $rest"
      mkdir -p "$root/opt"
      (cd "$root/src" && bash -euc "$line" >"$root/log" 2>&1) || { tail -20 "$root/log"; fail "$rest"; }
      ;;
    COPY)
      say "COPY $rest"
      if [ "$rest" = ". ." ]; then rest=$(sed -n 's/^!//p' .dockerignore | tr '\n' ' ')./; fi
      # shellcheck disable=SC2086 # one word a file
      cp -r ${rest% ./} "$root/src/"
      ;;
  esac
done

say "The wheel holds every file of the four packages"
"$PYTHON" - "$root"/build/wheel/aiguille-*.whl <<'END'
import subprocess, sys, zipfile
ours = ("matching", "data", "evaluation", "service")
tracked = subprocess.check_output(["git", "ls-files", "-z", *ours], text=True).split("\0")[:-1]
missing = set(tracked) - set(zipfile.ZipFile(sys.argv[1]).namelist())
sys.exit(f"absents : {sorted(missing)[:9]}" if missing else print(len(tracked), "fichiers"))
END

# As in the image: nothing of the repository, no right to write but in its data and /tmp.
inside=(env -i "PATH=$root/opt/aiguille/bin:/usr/bin:/bin" "AIGUILLE_FOLDER=$root/data" LANG=C.UTF-8
  PYTHONUNBUFFERED=1)
if [ "$(id -u)" = 0 ]; then
  chown nobody "$root/data"
  inside=(setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs "${inside[@]}")
  if unshare --mount true 2>/dev/null; then
    # shellcheck disable=SC2016 # read by the shell inside
    inside=(unshare --mount bash -ec 'mount --bind / / && mount --bind "$0" "$0"
      mount -o remount,ro,bind / && mount -t tmpfs tmpfs /tmp && cd / && exec "$@"' "$root/data"
      "${inside[@]}")
    say "The root is read-only"
    "${inside[@]}" sh -c 'touch /tmp/a "$AIGUILLE_FOLDER/a" && ! touch "$0/opt/a" 2>&1' "$root"
  fi
fi

say "aiguille init, then serve, as $("${inside[@]}" id -un)"
"${inside[@]}" aiguille init | tail -2
"${inside[@]}" aiguille serve --port "$port" >"$root/serve.log" 2>&1 &
serving=$!
trap 'kill $serving 2>/dev/null || true' EXIT
here=http://127.0.0.1:$port
for _ in $(seq 60); do curl -fs "$here/health" >/dev/null && break || sleep 0.5; done
has() { # has ADDRESS WORDS [curl's options]: the answer is good and holds these words.
  local answer
  answer=$(curl -fsS "$here$1" "${@:3}") || { tail -5 "$root/serve.log"; fail "$1"; }
  grep -q "$2" <<<"$answer" || fail "$1 sans « $2 »"
  echo "$1 : « $2 »"
}
has /ready '"status":"ready"'
has / "besoin"
has "/?lang=en" "need"
has /v1/match '"matches":\[{' -H 'content-type: application/json' \
  -d '{"text": "On n’arrive plus à payer les salaires", "commune": "59350"}'
has /inventaire "offres"
has /widget.js "data-cle"
has /static/aiguille.css "{"
has /metrics "aiguille_requests_total"
kill $serving && wait $serving || [ $? = 143 ] || fail "serve ne s’arrête pas"
! grep -E '"level": ?"(error|critical)"|Traceback' "$root/serve.log" || fail "erreurs au journal"

say "What it weighs: steps run one by one, no engine here"
du -sm "$root/opt/aiguille" | awk '{ print $1 " MB unpacked" }'
tar -C "$root" -cf - opt | gzip -6 | wc -c | awk '{ printf "%.0f MB packed, as it is pulled\n", $1 / 1e6 }'
echo "In: $root"
