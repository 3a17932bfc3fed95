# Sourced by the scripts in bin/: compiles the examples when their sources are newer than what was
# compiled, showing Maven's output only if that fails, and sets $root, $java, $launch, $classpath.
#
#   use_examples NAME   the class path that the examples' build writes under this name

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
java="${JAVA_HOME:+$JAVA_HOME/bin/}java" # as Maven chooses it
launch="$root/examples/target/launch"

# Spark 4.1 runs on Java 17 to 23; on newer ones it dies with "getSubject is not supported".
major=$("$java" -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p' || true)
if [[ -z $major || $major -lt 17 || $major -gt 23 ]]; then
  echo "Penstock with Spark 4.1 needs JDK 17 or 21, but $java is ${major:-none that runs}: set JAVA_HOME." >&2
  exit 1
fi

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
