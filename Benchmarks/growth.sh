# Measures whether anything gets slower as what is kept grows, and what memory it takes: sourced by ./run.
#
# A small and a large store serve at the same time and are asked in turn. Where the store is large, loads go to 10,000 conversations that lie among the others.

hot=10000
small_conversations=1000
small_stages=10
seeds=20
# In which each of ten thousand businesses, and of forty thousand conversations, is asked about at least once.
warming_seconds=$((3 * growth_seconds))

# The database of a server as grow.py names it.
database_of() {
    if [[ $1 == production* ]]; then echo "postgres:$1"; else echo "$work/data/$1/stagekeeper.sqlite"; fi
}

# The number of the database of Redis that a server has for itself.
redis_number() { if [[ $1 == *-small ]]; then echo 1; else echo 2; fi; }

serve() { if [[ $1 == production* ]]; then start_production "$1" "$(redis_number "$1")"; else start_embedded "$1"; fi; }

# Redis forgets what a server has kept there.
forget() { redis-cli -p "$redis_port" -n "$(redis_number "$1")" flushdb >/dev/null; }

# A server named NAME with so many stages, conversations and businesses.
grow() {
    local name=$1 stages=$2 conversations=$3 businesses=$4 created
    created=$((stages < 20 ? stages : 20))
    serve "$name"
    # Businesses are copied with their conversations: together as many as those that are asked about of one.
    fill "$name" "$created" $((businesses == 1 ? seeds : businesses < hot ? hot / businesses : 1))
    stop "$name"
    local run=("$python" "$here/grow.py" "$(database_of "$name")" "$work/$name")
    ((stages == created)) || "${run[@]}" stages "$stages"
    ((businesses > 1)) || "${run[@]}" conversations "$conversations" "$hot"
    ((businesses == 1)) || "${run[@]}" businesses "$businesses"
    [[ $name != production* ]] || analyse "$name"
    serve "$name"
}

# Asks a small and a large server in turn about each path. Before the first round they are asked for longer, so that everything that is asked about is known to them.
compare() {
    local what=$1 deployment=$2 counts=("$3" "$4") paths=$5 round path order index labels duration
    local names=("$2-$1-small" "$2-$1-large")
    for ((round = 0; round <= rounds; round++)); do
        order="0 1" duration=$growth_seconds
        ((round > 0)) || duration=$warming_seconds
        ((round % 2)) || order="1 0"
        for path in $paths; do
            for index in $order; do
                labels="{\"kind\":\"growth\",\"what\":\"$what\",\"deployment\":\"$deployment\",\"path\":\"$path\",\"count\":${counts[index]},\"round\":$round}"
                load "$labels" "$path" "${names[index]}" "${names[index]}" "$duration"
            done
        done
    done
}

# Starts a server anew, so that nothing is in its memory, nor in Redis, but what is asked about often.
restart() {
    stop "$1"
    [[ $1 != production* ]] || forget "$1"
    serve "$1"
    load '{"round":0}' state "$1" "$1" "$growth_seconds"
}

# Reads so many of the conversations that are not hot, from one of them on, once each: what `load` reads of kind cold.
cold() {
    local labels=$1 name=$2 first=$3 count=$4 duration=$5
    HOT=$hot COLD_FROM=$first COLD_TO=$((first + count)) load "$labels" cold "$name" "$name" "$duration"
}

# Reads conversations for the first time since the server's start, in turn with hot ones.
read_cold() {
    local deployment=$1 name="$1-conversations-large" slice=$((($2 - hot) / rounds)) round duration labels
    # No faster than 30,000 a second, each is read once.
    duration=$((slice / 30000 < 1 ? 1 : slice / 30000))
    ((duration < growth_seconds)) || duration=$growth_seconds
    restart "$name"
    for ((round = 1; round <= rounds; round++)); do
        labels="\"kind\":\"cold\",\"deployment\":\"$deployment\",\"round\":$round"
        cold "{$labels,\"side\":\"cold\",\"slice\":$slice}" "$name" $((slice * (round - 1))) "$slice" "$duration"
        load "{$labels,\"side\":\"hot\"}" state "$name" "$name" "$duration"
    done
}

# What the server keeps of each conversation: by how much its own memory grows when it reads some more, after pages of the file have filled their caches.
measure_cached() {
    local name=embedded-conversations-large slice=$((($1 - hot) / 2)) half
    # The server keeps a hundred thousand.
    ((slice < 40000)) || slice=40000
    restart "$name"
    for half in 0 1; do
        cold "{\"kind\":\"cached\",\"half\":$half,\"slice\":$slice}" "$name" $((slice * half)) "$slice" "$warming_seconds"
        awk '/^RssAnon/ { print $2 * 1024 }' "/proc/${pid[$name]}/status" >>"$work/own"
    done
}

# The server is asked no more, and what it kept takes no place.
end() {
    local name
    for name in "$@"; do
        stop "$name"
        rm -rf "$work/data/$name"
        [[ $name != production* ]] || { psql -q -c "DROP DATABASE \"$name\""; forget "$name"; }
    done
}

grow_conversations() {
    local deployment=$1 paths=$2
    grow "$deployment-conversations-small" "$stage_count" "$small_conversations" 1
    grow "$deployment-conversations-large" "$stage_count" "$grown_conversations" 1
    compare conversations "$deployment" "$small_conversations" "$grown_conversations" "$paths"
    end "$deployment-conversations-small"
    read_cold "$deployment" "$grown_conversations"
    [[ $deployment == production ]] || measure_cached "$grown_conversations"
    end "$deployment-conversations-large"
}

grow_stages() {
    local deployment=$1 paths=$2
    grow "$deployment-stages-small" "$small_stages" "$hot" 1
    grow "$deployment-stages-large" "$grown_stages" "$hot" 1
    compare stages "$deployment" "$small_stages" "$grown_stages" "$paths"
    end "$deployment-stages-small" "$deployment-stages-large"
}

grow_businesses() {
    local deployment=$1 paths=$2
    grow "$deployment-businesses-small" "$small_stages" "$hot" 1
    grow "$deployment-businesses-large" "$small_stages" 0 "$grown_businesses"
    compare businesses "$deployment" 1 "$grown_businesses" "$paths"
    end "$deployment-businesses-small" "$deployment-businesses-large"
}

measure_growth() {
    local what
    for what in $grown; do
        if [[ $what == conversations ]]; then grow_conversations embedded "state move turn"; else "grow_$what" embedded "stage state move turn"; fi
    done
}

measure_production_growth() {
    local what
    for what in $grown; do "grow_$what" production "state move"; done
}
