# Sourced by the scripts in bin/: compiles the examples when their sources are newer than what was
# compiled, with Maven's output on standard error, and sets $root, $java, $launch and
# $classpath.
#
#   use_examples NAME   the class path that the examples' build writes under this name

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
java="${JAVA_HOME:+$JAVA_HOME/bin/}java" # as Maven chooses it
launch="$root/examples/target/launch"

use_examples() {
  local built="$launch/built"
  local sources=("$root"/pom.xml "$root"/{engine,datasets,spark-connector,examples}/{pom.xml,src/main})
  if [[ ! -f "$built" || -n "$(find "${sources[@]}" -newer "$built" -print -quit)" ]]; then
    echo "Building Penstock (the first time, Maven also fetches its libraries) ..." >&2
    (cd "$root" && mvn --quiet --batch-mode --projects examples --also-make process-classes >&2)
    touch "$built"
  fi
  classpath="$root/examples/target/classes:$(<"$launch/$1.classpath")"
}
