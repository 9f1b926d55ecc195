#!/usr/bin/env bash
# Leaves what actions/checkout leaves: the commits that were asked for, a branch that follows its origin.
set -euo pipefail

mkdir -p "$FOLDER" && cd "$FOLDER"
git init -q -b unborn
git remote add origin "$GITHUB_SERVER_URL/$REPOSITORY.git"
header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')"
ask=(git -c "http.extraheader=$header")
some=()
[ "$DEPTH" = 0 ] || some=("--depth=$DEPTH")
REF="${REF// /}"
wanted="${REF:-$GITHUB_REF}"
short="${wanted#refs/heads/}"

if "${ask[@]}" ls-remote --exit-code -q origin "refs/heads/$short" >/dev/null; then
  # Without a ref it is the commit of the event, not what the branch has become.
  from="refs/heads/$short"
  [ -n "$REF" ] || from="$GITHUB_SHA"
  "${ask[@]}" fetch -q --no-tags "${some[@]}" origin "+$from:refs/remotes/origin/$short"
  git checkout -q -B "$short" "refs/remotes/origin/$short"
else
  "${ask[@]}" fetch -q --no-tags "${some[@]}" origin "+$wanted:refs/remotes/checkout"
  git checkout -q --detach refs/remotes/checkout
fi
[ "$DEPTH" != 0 ] || "${ask[@]}" fetch -q --prune --tags origin '+refs/heads/*:refs/remotes/origin/*'
[ "$KEEP" != true ] || git config "http.$GITHUB_SERVER_URL/.extraheader" "$header"
