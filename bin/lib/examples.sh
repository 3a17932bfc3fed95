# Sourced by the scripts in bin/: compiles the examples when their sources are newer than what was
# compiled, showing Maven's output only if that fails, and sets $root, $java, $launch, $classpath.
#
#   use_examples NAME   the class path that the examples' build writes under this name

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
launch="$root/examples/target/launch"

source "$root/bin/lib/java.sh"
check_java 4.1 # the one that the examples are built with

use_examples() {
  local built="$launch/built"
  local sources=("$root"/pom.xml "$root"/{storage,engine,datasets,spark-connector,examples}/{pom.xml,src/main})
  if [[ ! -f "$built" || -n "$(find "${sources[@]}" -newer "$built" -print -quit)" ]]; then
    echo "Building Penstock (the first time, Maven also fetches its libraries) ..." >&2
    local log
    if ! log=$(cd "$root" && mvn --quiet --batch-mode --projects examples --also-make process-classes 2>&1); then
      echo "$log" >&2
      return 1
    fi
    touch "$built"
  fi
  classpath="$root/examples/target/classes:$(<"$launch/$1.classpath")"
}
