# Sends loads to the servers that ./run has started and keeps what came of them as lines of JSON in $work/lines, which report.py reads: sourced by ./run.

# The processes that answer for a server, by the names that the report gives them.
processes() {
    case $1 in
        postgres) echo "PostgreSQL=${pid[postgres]}" ;;
        production* | flask | fastapi) echo "server=${pid[$1]} PostgreSQL=${pid[postgres]} Redis=${pid[redis]}" ;;
        *) echo "server=${pid[$1]}" ;;
    esac
}

# Runs a command that sends a load to a server, and keeps its line under some labels: a JSON object. What has "round":0 only warms up.
observe() {
    local labels=$1 name=$2 line
    shift 2
    # Words: a process each.
    # shellcheck disable=SC2046
    line=$(python3 "$here/observe.py" "$labels" $(processes "$name") -- "$@")
    [[ $labels == *'"round":0'* ]] || echo "$line" | tee -a "$work/lines" >&2
}

# One run of wrk about the conversations and stages of $about, sent to a server.
load() {
    local labels=$1 kind=$2 name=$3 about=$4 duration=$5
    observe "$labels" "$name" env LOAD="$kind" TARGETS="$work/$about/targets" \
        wrk -t 2 -c "$connections" -d "${duration}s" --latency -s "$here/load.lua" "${url[$name]}"
}

inserts() {
    local labels=$1 duration=$2
    observe "$labels" postgres python3 "$here/inserts.py" -n -M "$protocol" -c "$connections" -j 2 -T "$duration" -f "$here/insert.sql"
}

# One side of a row, for one round.
measure() {
    local path=$1 side=$2 round=$3 duration=$4 labels
    labels="{\"kind\":\"rate\",\"path\":\"$path\",\"side\":\"$side\",\"round\":$round}"
    case $path/$side in
        redis-*/ours | production-*/ours) load "$labels" "${path##*-}" production production "$duration" ;;
        */ours) load "$labels" "$path" embedded embedded "$duration" ;;
        *move/baseline | turn/baseline) inserts "$labels" "$duration" ;;
        */baseline) load "$labels" "${path##*-}" bare embedded "$duration" ;;
        */flask | */fastapi) load "$labels" "$path" "$side" peers "$duration" ;;
    esac
}

# All rows, round by round: the sides of a row one after the other, so that they meet the same machine.
measure_rows() {
    local round duration sides path side
    for ((round = 0; round <= rounds; round++)); do
        duration=$seconds sides="baseline ours"
        # The first round warms up.
        ((round > 0)) || duration=$(((seconds + 1) / 2))
        # Which side goes first changes from round to round.
        ((round % 2)) || sides="ours baseline"
        for path in $paths; do
            for side in $sides; do measure "$path" "$side" "$round" "$duration"; done
        done
        has peers || continue
        for path in stage state move; do
            for side in fastapi flask; do measure "$path" "$side" "$round" "$duration"; done
        done
    done
}

# Half of the highest rate of a row, in requests that come whether or not those before were answered.
measure_latency() {
    local path=$1 name=embedded rate
    [[ $path == redis-* || $path == production-* ]] && name=production
    rate=$(python3 -c '
import json, statistics, sys
lines = (json.loads(line) for line in open(sys.argv[1], encoding="ascii"))
rates = [line["requests"] * 1e6 / line["microseconds"] for line in lines if (line.get("path"), line.get("side")) == (sys.argv[2], "ours")]
print(statistics.median(rates) / 2)' "$work/lines" "$path")
    observe "{\"kind\":\"latency\",\"path\":\"$path\"}" "$name" \
        python3 "$here/open_loop.py" "${path##*-}" "${url[$name]}" "$work/$name/targets" "$rate" "$seconds" "$work"
}

# How many connections ask for $overload times the rate of the last run: besides the 1,024 whose requests the server takes at once, each is refused once a second.
crowd() {
    python3 -c '
import json, sys
line = json.loads(open(sys.argv[1], encoding="ascii").readlines()[-1])
print(1024 + round((float(sys.argv[2]) - 1) * line["requests"] * 1e6 / line["microseconds"]))' "$work/lines" "$overload"
}

# A row from so many connections that the server has to turn most requests away; just before and just after, its highest rate.
measure_overload() {
    local path=$1 usual=$connections round side connections duration
    for ((round = 1; round <= rounds; round++)); do
        for side in before overload after; do
            connections=$usual duration=$seconds
            # It takes the first of these seconds to open them all.
            [[ $side != overload ]] || connections=$(crowd) duration=$((2 * seconds))
            load "{\"kind\":\"overload\",\"path\":\"$path\",\"side\":\"$side\",\"round\":$round}" "$path" embedded embedded "$duration"
        done
    done
}

# GETs of our Redis client beside those of redis-benchmark, as text.
measure_round_trips() { "$round_trips" "redis://127.0.0.1:$redis_port" "$rounds" 2; }
