# Sourced by the scripts beside this folder: compiles the examples when their sources are newer than
# what was compiled, with Maven's output on standard error, and sets $classpath.
#
#   use_examples NAME   class path written by the examples' build under this name

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

use_examples() {
  local file="$root/examples/target/$1.classpath"
  local sources=("$root"/pom.xml "$root"/*/pom.xml "$root"/{engine,datasets,spark-connector,examples}/src/main)
  if [[ ! -s "$file" || -n "$(find "${sources[@]}" -type f -newer "$file" -print -quit)" ]]; then
    mvn -q -f "$root/pom.xml" -pl examples -am process-classes >&2
    touch "$root"/examples/target/*.classpath
  fi
  classpath="$root/examples/target/classes:$(<"$file")"
}
