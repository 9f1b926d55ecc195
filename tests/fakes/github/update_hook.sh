#!/bin/sh
# What GitHub's server refuses of a push, per ref. The variables come from git_http.py; a push by any other way has none.
ref=$1 old=$2 new=$3
none=0000000000000000000000000000000000000000
refuse() {
  printf '%s %s\n' "$ref" "$1" >>"$FAKE_REASONS"
  exit 1
}
[ -n "$FAKE_REASONS" ] || exit 0
if [ "$ref" = "$FAKE_DEFAULT" ] && [ "$new" = $none ]; then
  refuse "refusing to delete the current branch: $ref"
fi
for closed in $FAKE_CLOSED; do
  if [ "$ref" = "$closed" ]; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    refuse 'protected branch hook declined'
  fi
done
for kept in $FAKE_KEPT; do
  [ "$ref" = "$kept" ] && [ "$old" != $none ] || continue
  if [ "$new" = $none ]; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Cannot delete this branch" >&2
    refuse 'protected branch hook declined'
  fi
  if ! git merge-base --is-ancestor "$old" "$new"; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Cannot force-push to this branch" >&2
    refuse 'protected branch hook declined'
  fi
done
if [ "$FAKE_WORKFLOWS" = no ] && [ "$new" != $none ]; then
  path=$(git log -c --format= --name-only "$new" --not --all -- .github/workflows | sed '/^$/d' | head -n 1)
  [ -z "$path" ] || refuse "refusing to allow a GitHub App to create or update workflow \`$path\` without \`workflows\` permission"
fi
exit 0
