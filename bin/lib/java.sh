# Sourced by the scripts in bin/: sets $java, as Maven chooses it, and $major, its version.
#
#   check_java SPARK_VERSION   ends the script with one line if that Spark does not run on it

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
major=$("$java" -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p' || true)

# The last Java of each: newer ones lack what its Hadoop calls ("getSubject is not supported").
check_java() {
  local last=23
  case $1 in
    3.*) last=21 ;;
    4.0* | 4.1*) ;;
    *) last=25 ;;
  esac
  if [[ -z $major || $major -lt 17 || $major -gt $last ]]; then
    echo "Penstock with Spark $1 needs Java 17 to $last, but $java is ${major:-none that runs}: set JAVA_HOME." >&2
    exit 1
  fi
}
