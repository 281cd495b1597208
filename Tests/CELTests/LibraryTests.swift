import CEL
import Testing

@Suite("Libraries")
struct LibraryTests {
    @Test("conversions take what stands for a value and refuse the rest", arguments: Table.read(conversions))
    func converts(_ table: Table) { table.verify() }

    static let conversions = #"""
        int(42u) ⇒ 42
        int(18446744073709551615u) ⇒ error
        int(-7.9) ⇒ -7
        int(11.5) ⇒ 11
        int(1e99) ⇒ error
        int(-9223372036854775808.0) ⇒ error
        int(9223372036854775807.0) ⇒ error
        int(9223372036854774784.0) ⇒ 9223372036854774784
        int(double('NaN')) ⇒ error
        int('987') ⇒ 987
        int('-987') ⇒ -987
        int('9223372036854775808') ⇒ error
        int('1.5') ⇒ error
        int('') ⇒ error
        int(true) ⇒ error
        int(timestamp('2004-09-16T23:59:59Z')) ⇒ 1095379199
        uint(1729) ⇒ 1729u
        uint(-1) ⇒ error
        uint(3.9) ⇒ 3u
        uint(-0.5) ⇒ error
        uint(1e19) ⇒ 10000000000000000000u
        uint(6.022e23) ⇒ error
        uint(18446744073709551615.0) ⇒ error
        uint('300') ⇒ 300u
        uint('-1') ⇒ error
        uint('x') ⇒ error
        uint(null) ⇒ error
        double(9223372036854775807) ⇒ 9.223372036854775807e18
        double(123u) ⇒ 123.0
        double('-987.654') ⇒ -987.654
        double('6.02214e23') ⇒ 6.02214e23
        double('-0.0') ⇒ -0.0
        double('abc') ⇒ error
        double('') ⇒ error
        double('1e999') ⇒ error
        double('0x10') ⇒ error
        double(true) ⇒ error
        string(123) ⇒ '123'
        string(-456) ⇒ '-456'
        string(9876u) ⇒ '9876'
        string(123.456) ⇒ '123.456'
        string(-4.5e-3) ⇒ '-0.0045'
        string(1.0) ⇒ '1'
        string(1e21) ⇒ '1e+21'
        string(1e-7) ⇒ '1e-07'
        string(double('NaN')) ⇒ 'NaN'
        string(true) ⇒ 'true'
        string(b'abc') ⇒ 'abc'
        string(b'\303\277') ⇒ 'ÿ'
        string(b'\000\xff') ⇒ error
        string(timestamp('2009-02-13T23:31:30.5Z')) ⇒ '2009-02-13T23:31:30.5Z'
        string(duration('1h0.5s')) ⇒ '3600.5s'
        string(null) ⇒ error
        string([1]) ⇒ error
        bytes('abc') ⇒ b'abc'
        bytes(b'abc') ⇒ b'abc'
        bytes(1) ⇒ error
        bool('true') ⇒ true
        bool('T') ⇒ true
        bool('1') ⇒ true
        bool('False') ⇒ false
        bool('tRuE') ⇒ error
        bool(1) ⇒ error
        dyn(1) == 1 ⇒ true
        int(uint(int(uint(int(uint(int(uint(int(uint(int(uint(7)))))))))))) ⇒ 7
        """#

    @Test("size counts code points, bytes, elements and entries", arguments: Table.read(strings))
    func handlesStrings(_ table: Table) { table.verify() }

    static let strings = #"""
        size('') ⇒ 0
        size('ÿ') ⇒ 1
        size('πέντε') ⇒ 5
        '👨‍👩‍👧'.size() ⇒ 5
        size(b'\xff\xfe') ⇒ 2
        size(b'ÿ') ⇒ 2
        size([1, 2]) ⇒ 2
        {1: 2}.size() ⇒ 1
        size(1) ⇒ error
        size() ⇒ error
        size('a', 'b') ⇒ error
        'foobar'.startsWith('foo') ⇒ true
        'foobar'.startsWith('bar') ⇒ false
        'foobar'.startsWith('') ⇒ true
        'завтра'.startsWith('за') ⇒ true
        'foobar'.startsWith(1) ⇒ error
        'foobar'.endsWith('bar') ⇒ true
        ''.endsWith('foo') ⇒ false
        'forté'.endsWith('té') ⇒ true
        1.endsWith('a') ⇒ error
        'hello'.contains('') ⇒ true
        'hello'.contains('ol') ⇒ false
        'abababc'.contains('ababc') ⇒ true
        'Straße'.contains('aß') ⇒ true
        'hello'.contains('hell' + 'o') ⇒ true
        'hello'.contains(1) ⇒ error
        1.contains('a') ⇒ error
        'hubba'.matches('ubb') ⇒ true
        matches('hubba', '^ubb') ⇒ false
        'cows'.matches('') ⇒ true
        'grey'.matches('gr(a|e)y') ⇒ true
        'mañana'.matches('a+ñ+a+') ⇒ true
        'abc'.matches('a' + '.' + 'c') ⇒ true
        'abc'.matches('(') ⇒ error
        'abc'.matches('(?=a)') ⇒ error
        1.matches('a') ⇒ error
        'tacocat'.charAt(3) ⇒ 'o'
        'tacocat'.charAt(7) ⇒ ''
        '©αT'.charAt(1) ⇒ 'α'
        'tacocat'.charAt(30) ⇒ error
        'tacocat'.charAt(-1) ⇒ error
        'hello'.charAt(true) ⇒ error
        42.charAt(2) ⇒ error
        'tacocat'.indexOf('') ⇒ 0
        'tacocat'.indexOf('ac') ⇒ 1
        'tacocat'.indexOf('none') ⇒ -1
        'tacocat'.indexOf('', 3) ⇒ 3
        'tacocat'.indexOf('a', 3) ⇒ 5
        'ta©o©αT'.indexOf('©', 3) ⇒ 4
        'ta©o©αT'.indexOf('©α', 5) ⇒ -1
        'tacocat'.indexOf('a', 30) ⇒ error
        'tacocat'.indexOf('a', -1) ⇒ error
        '42'.indexOf('4', '0') ⇒ error
        '42'.indexOf('4', 0, 1) ⇒ error
        24.indexOf('2') ⇒ error
        ''.lastIndexOf('@@') ⇒ -1
        'tacocat'.lastIndexOf('') ⇒ 7
        'tacocat'.lastIndexOf('at') ⇒ 5
        'tacocat'.lastIndexOf('', 3) ⇒ 3
        'ta©o©αT'.lastIndexOf('©', 3) ⇒ 2
        'ta©o©αT'.lastIndexOf('©α', 4) ⇒ 4
        'hello wello'.lastIndexOf('ello', 6) ⇒ 1
        'bananananana'.lastIndexOf('nana', 7) ⇒ 6
        'tacocat'.lastIndexOf('a', -1) ⇒ error
        'tacocat'.lastIndexOf('a', 30) ⇒ error
        'tacocat'.lastIndexOf(1) ⇒ error
        'TacoCÆt Xii'.lowerAscii() ⇒ 'tacocÆt xii'
        'tacoCαt'.upperAscii() ⇒ 'TACOCαT'
        1.lowerAscii() ⇒ error
        '12 days'.replace('{0}', '2') ⇒ '12 days'
        '{0} days {0} hours'.replace('{0}', '2') ⇒ '2 days 2 hours'
        '{0} days {0} hours'.replace('{0}', '2', 1).replace('{0}', '23') ⇒ '2 days 23 hours'
        'hello hello'.replace('he', 'we', 0) ⇒ 'hello hello'
        'hello hello'.replace('he', 'we', -1) ⇒ 'wello wello'
        '1 ©αT taco'.replace('αT', 'o©α') ⇒ '1 ©o©α taco'
        'ab'.replace('', '-') ⇒ '-a-b-'
        'ab'.replace('', '-', 2) ⇒ '-a-b'
        '42'.replace('2', 1) ⇒ error
        '42'.replace('2', '1', '1') ⇒ error
        '42'.replace('2', '1', 1, false) ⇒ error
        'hello world'.split(' ') ⇒ ['hello', 'world']
        'hello world events!'.split(' ', 0) ⇒ []
        'hello world events!'.split(' ', 1) ⇒ ['hello world events!']
        'hello world events!'.split(' ', 2) ⇒ ['hello', 'world events!']
        'o©o©o©o'.split('©', -1) ⇒ ['o', 'o', 'o', 'o']
        'aé'.split('') ⇒ ['a', 'é']
        ''.split(',') ⇒ ['']
        42.split('2') ⇒ error
        '42'.split('2', '1') ⇒ error
        'tacocat'.substring(4) ⇒ 'cat'
        'tacocat'.substring(7) ⇒ ''
        'tacocat'.substring(0, 4) ⇒ 'taco'
        'tacocat'.substring(4, 4) ⇒ ''
        'ta©o©αT'.substring(2, 6) ⇒ '©o©α'
        'tacocat'.substring(40) ⇒ error
        'tacocat'.substring(-1) ⇒ error
        'tacocat'.substring(1, 50) ⇒ error
        'tacocat'.substring(4, 3) ⇒ error
        'hello'.substring(true, 3) ⇒ error
        ' \f\n\r\t\vtext  '.trim() ⇒ 'text'
        '\u0085\u00a0\u1680text\u2000\u2028\u3000'.trim() ⇒ 'text'
        '\u180etext\u200b\ufeff'.trim() ⇒ '\u180etext\u200b\ufeff'
        '   '.trim() ⇒ ''
        1.trim() ⇒ error
        ['x', 'y'].join() ⇒ 'xy'
        ['x', 'y'].join('-') ⇒ 'x-y'
        [].join('-') ⇒ ''
        ['x', 1].join('-') ⇒ error
        ['x'].join(1) ⇒ error
        'x'.join('-') ⇒ error
        'gums'.reverse() ⇒ 'smug'
        'añb'.reverse() ⇒ 'bña'
        1.reverse() ⇒ error
        strings.quote("first\nsecond") ⇒ "\"first\\nsecond\""
        strings.quote("bell\a \\ \" 😀") ⇒ "\"bell\\a \\\\ \\\" 😀\""
        strings.quote(1) ⇒ error
        """#

    @Test("format writes values by clauses", arguments: Table.read(format))
    func formats(_ table: Table) { table.verify() }

    static let format = #"""
        "no substitution".format([]) ⇒ 'no substitution'
        "%s is %s".format(["a", 1]) ⇒ 'a is 1'
        "%%%s%%".format(["text"]) ⇒ '%text%'
        "%d %d".format([1, 2u]) ⇒ '1 2'
        "%.3f".format([1.2345]) ⇒ '1.234'
        "%f".format([2.71828]) ⇒ '2.718280'
        "%e".format([2.71828]) ⇒ '2.718280e+00'
        "%.6e".format([1052.032911275]) ⇒ '1.052033e+03'
        "%.0f".format([2.5]) ⇒ '2'
        "%b %b %b".format([5, uint(64), true]) ⇒ '101 1000000 1'
        "%b".format([-5]) ⇒ '-101'
        "%o".format([11]) ⇒ '13'
        "%x %X %X".format([30, 30, uint(6000)]) ⇒ '1e 1E 1770'
        "%x".format(["Hello world!"]) ⇒ '48656c6c6f20776f726c6421'
        "%X".format([b"byte string"]) ⇒ '6279746520737472696E67'
        "%x".format([-30]) ⇒ '-1e'
        "%e %f %d %s".format([double("NaN"), double("Infinity"), double("-Infinity"), double("NaN")]) ⇒ 'NaN Infinity -Infinity NaN'
        "%s".format([null]) ⇒ 'null'
        "%s".format([b"xyz"]) ⇒ 'xyz'
        "%s".format([type("a")]) ⇒ 'string'
        "%s".format([timestamp("2023-02-03T23:31:20+00:00")]) ⇒ '2023-02-03T23:31:20Z'
        "%s".format([duration("1h45m47s")]) ⇒ '6347s'
        "%s".format([["abc", 3.14, null, [9, 8], timestamp("2023-02-03T23:31:20Z")]]) ⇒ '[abc, 3.14, null, [9, 8], 2023-02-03T23:31:20Z]'
        "%s".format([{"key1": b"xyz", "key5": null, "key2": duration("2h"), "key4": true, "key3": 2.71828}]) ⇒ '{key1: xyz, key2: 7200s, key3: 2.71828, key4: true, key5: null}'
        "%s".format([{"strKey": "x", 6: duration("422s"), true: 42}]) ⇒ '{6: 422s, strKey: x, true: 42}'
        "%s, %s".format([1e21, 0.00001]) ⇒ '1000000000000000000000, 0.00001'
        "%a".format([1]) ⇒ error
        "%d %d %d".format([0, 1]) ⇒ error
        "%b".format(["abc"]) ⇒ error
        "%d".format([duration("30m2s")]) ⇒ error
        "%o".format(["a"]) ⇒ error
        "%x".format([0.5]) ⇒ error
        "%E".format([0.5]) ⇒ error
        "%d".format([null]) ⇒ error
        "%f".format([null]) ⇒ error
        "%e".format(["a"]) ⇒ error
        "%".format([1]) ⇒ error
        "%.f".format([1.0]) ⇒ error
        "%.3s".format([1.0]) ⇒ error
        "%.9999f".format([1.0]) ⇒ error
        "%s".format([optional.none()]) ⇒ error
        "%s".format(1) ⇒ error
        1.format([1]) ⇒ error
        """#

    @Test("the mathematics library computes", arguments: Table.read(math))
    func computes(_ table: Table) { table.verify() }

    static let math = #"""
        math.greatest(-5) ⇒ -5
        math.greatest(1, 1.0) == 1 ⇒ true
        math.greatest(3, -3) ⇒ 3
        math.greatest(5.4, 10, 3u, -5.0, 9223372036854775807) ⇒ 9223372036854775807
        math.greatest([5.4, 10, 3u, -5.0, 3.5]) ⇒ 10
        math.greatest(1, 1.797693e308) ⇒ 1.797693e308
        math.greatest(5u, -7) ⇒ 5u
        math.greatest([]) ⇒ error
        math.greatest() ⇒ error
        math.greatest('a') ⇒ error
        math.greatest(1, 'a') ⇒ error
        math.greatest(dyn([])) ⇒ error
        math.least(5, -7) ⇒ -7
        math.least(1, 1u) == 1 ⇒ true
        math.least([5.4, 10u, 3u, 1u, 3.5]) ⇒ 1u
        math.least(-9223372036854775808, -1, -5) ⇒ -9223372036854775808
        math.least(true) ⇒ error
        math.ceil(1.2) ⇒ 2.0
        math.ceil(-1.2) ⇒ -1.0
        math.ceil(dyn(1)) ⇒ error
        math.floor(-1.2) ⇒ -2.0
        math.floor('a') ⇒ error
        math.round(-1.5) ⇒ -2.0
        math.round(1.5) ⇒ 2.0
        math.round(2.4) ⇒ 2.0
        math.isNaN(math.round(0.0 / 0.0)) ⇒ true
        math.round(1u) ⇒ error
        math.trunc(-1.2) ⇒ -1.0
        math.trunc(dyn(1)) ⇒ error
        math.abs(-11) ⇒ 11
        math.abs(1u) ⇒ 1u
        math.abs(-11.5) ⇒ 11.5
        math.abs(-9223372036854775808) ⇒ error
        math.abs('a') ⇒ error
        math.sign(-11) ⇒ -1
        math.sign(0u) ⇒ 0u
        math.sign(-32.0) ⇒ -1.0
        math.sign(0.0) ⇒ 0.0
        math.sign(dyn(true)) ⇒ error
        math.sqrt(49.0) ⇒ 7.0
        math.sqrt(82) == 9.055385138137417 ⇒ true
        math.isNaN(math.sqrt(-15)) ⇒ true
        math.sqrt('a') ⇒ error
        math.isNaN(0.0 / 0.0) ⇒ true
        math.isNaN(dyn(true)) ⇒ error
        math.isInf(1.0 / 0.0) ⇒ true
        math.isInf(1) ⇒ error
        math.isFinite(1.0 / 1.5) ⇒ true
        math.isFinite(-1.0 / 0.0) ⇒ false
        math.isFinite(b'a') ⇒ error
        math.bitAnd(1, -1) ⇒ 1
        math.bitAnd(1u, 3u) ⇒ 1u
        math.bitAnd(2u, 1) ⇒ error
        math.bitOr(4, -2) ⇒ -2
        math.bitOr(1u, 4u) ⇒ 5u
        math.bitOr(dyn(1.2), 1) ⇒ error
        math.bitXor(4, -2) ⇒ -6
        math.bitXor([], []) ⇒ error
        math.bitNot(1) ⇒ -2
        math.bitNot(0u) ⇒ 18446744073709551615u
        math.bitNot('') ⇒ error
        math.bitShiftLeft(1, 2) ⇒ 4
        math.bitShiftLeft(-1, 200) ⇒ 0
        math.bitShiftLeft(1u, 9223372036854775807) ⇒ 0u
        math.bitShiftLeft(1u, -1) ⇒ error
        math.bitShiftLeft(4.3, 1) ⇒ error
        math.bitShiftRight(1024, 2) ⇒ 256
        math.bitShiftRight(-1024, 3) ⇒ 2305843009213693824
        math.bitShiftRight(-1024, 64) ⇒ 0
        math.bitShiftRight(1024u, 2) ⇒ 256u
        math.bitShiftRight(1u, -1) ⇒ error
        math.bitShiftRight(b'123', 1) ⇒ error
        """#

    @Test("the libraries of lists, sets and encoders work", arguments: Table.read(lists))
    func handlesLists(_ table: Table) { table.verify() }

    static let lists = #"""
        [1, 2, 3, 4].slice(1, 3) ⇒ [2, 3]
        [1, 2, 3, 4].slice(0, 0) ⇒ []
        [1, 2, 3].slice(-5, 3) ⇒ error
        [1, 2, 3].slice(3, 2) ⇒ error
        [1, 2, 3].slice(0, 10) ⇒ error
        'abc'.slice(0, 1) ⇒ error
        [1, [2, 3], [4]].flatten() ⇒ [1, 2, 3, 4]
        [1, [2, [3, 4]]].flatten() ⇒ [1, 2, [3, 4]]
        [1, [2, [3, [4]]]].flatten(2) ⇒ [1, 2, 3, [4]]
        [1, [2]].flatten(0) ⇒ [1, [2]]
        [1, [2]].flatten(-1) ⇒ error
        1.flatten() ⇒ error
        [1, 2, 2, 3, 1.0, 'b', 'b'].distinct() ⇒ [1, 2, 3, 'b']
        [[1], [1], [2], null, null].distinct() ⇒ [[1], [2], null]
        'a'.distinct() ⇒ error
        [3, 2, 1].sort() ⇒ [1, 2, 3]
        ['b', 'c', 'a'].sort() ⇒ ['a', 'b', 'c']
        [true, false].sort() ⇒ [false, true]
        [].sort() ⇒ []
        [1, 'b'].sort() ⇒ error
        [[1]].sort() ⇒ error
        'a'.sort() ⇒ error
        [{'n': 'foo', 's': 0}, {'n': 'bar', 's': -10}, {'n': 'baz', 's': 1000}].sortBy(e, e.s).map(e, e.n) ⇒ ['bar', 'foo', 'baz']
        [3, 1, 2].sortBy(e, -e) ⇒ [3, 2, 1]
        [3, 1].sortBy(e, [e]) ⇒ error
        1.sortBy(e, e) ⇒ error
        [5, 1, 2].reverse() ⇒ [2, 1, 5]
        lists.range(3) ⇒ [0, 1, 2]
        lists.range(0) ⇒ []
        lists.range(-1) ⇒ error
        lists.range('a') ⇒ error
        [1, 2].first().value() ⇒ 1
        [1, 2].last().value() ⇒ 2
        [].first().hasValue() ⇒ false
        1.last() ⇒ error
        1.first() ⇒ error
        sets.contains([1, 2, 3], [1u, 2.0]) ⇒ true
        sets.contains([1], []) ⇒ true
        sets.contains([1], [2]) ⇒ false
        sets.contains([1], 1) ⇒ error
        sets.equivalent([1, 2], [2u, 1, 1.0]) ⇒ true
        sets.equivalent([1], [1, 2]) ⇒ false
        sets.equivalent(1, []) ⇒ error
        sets.intersects([1], [2, 1.0]) ⇒ true
        sets.intersects([1], []) ⇒ false
        sets.intersects({}, []) ⇒ error
        base64.encode(b'hello') ⇒ 'aGVsbG8='
        base64.decode('aGVsbG8=') ⇒ b'hello'
        base64.decode('aGVsbG8') ⇒ b'hello'
        base64.decode('z') ⇒ error
        base64.decode('####') ⇒ error
        base64.decode(1) ⇒ error
        base64.encode('hello') ⇒ error
        """#

    @Test("optionals hold a value or none", arguments: Table.read(optionals))
    func handlesOptionals(_ table: Table) { table.verify() }

    static let optionals = #"""
        optional.of(null).hasValue() ⇒ true
        optional.ofNonZeroValue(null).hasValue() ⇒ false
        optional.ofNonZeroValue('').hasValue() ⇒ false
        optional.ofNonZeroValue(0.0).hasValue() ⇒ false
        optional.ofNonZeroValue([0]).hasValue() ⇒ true
        optional.none().or(optional.none()).orValue(42) ⇒ 42
        optional.of(1).or(1 / 0) ⇒ optional.of(1)
        optional.of(1).orValue(1 / 0) ⇒ 1
        optional.none().or(1) ⇒ error
        optional.none().value() ⇒ error
        1.value() ⇒ error
        1.hasValue() ⇒ error
        1.orValue(2) ⇒ error
        1.or(optional.none()) ⇒ error
        optional.of() ⇒ error
        optional.none(1) ⇒ error
        optional.none().optMap(y, y + 1).hasValue() ⇒ false
        optional.of(42).optMap(y, y + 1).value() ⇒ 43
        optional.of(42).optFlatMap(y, y) ⇒ error
        1.optMap(y, y) ⇒ error
        {}.?key.optFlatMap(k, k.?subkey).hasValue() ⇒ false
        {'key': {'subkey': 'v'}}.?key.optFlatMap(k, k.?subkey).value() ⇒ 'v'
        {'null_key': dyn(null)}.?null_key.hasValue() ⇒ true
        {'null_key': dyn(null)}.?null_key.invalid.hasValue() ⇒ error
        {true: dyn(0)}[?false].absent.hasValue() ⇒ false
        {true: dyn(0)}[?true].absent.hasValue() ⇒ error
        has({}.?x.y) ⇒ false
        has({'x': {'y': 'z'}}.?x.y) ⇒ true
        optional.of({'c': {}}).c.missing.or(optional.of(['list-value'])[0]).orValue('default') ⇒ 'list-value'
        optional.of({'c': {}}).c.missing.or(optional.none()[0]).orValue('default') ⇒ 'default'
        optional.of({'c': {'index': 'goodbye'}}).c['index'].orValue('default') ⇒ 'goodbye'
        {'c': {'dashed-index': 'goodbye'}}.c[?'dashed-index'].orValue('default') ⇒ 'goodbye'
        {'c': {}}.c[?'missing'].orValue('default') ⇒ 'default'
        {?'a': optional.of(1), ?'b': optional.none(), 'c': 3} ⇒ {'a': 1, 'c': 3}
        {?'a': 1} ⇒ error
        [?{}.?c, ?optional.of(42), ?optional.none(), 7] ⇒ [42, 7]
        [?1] ⇒ error
        [][?0].hasValue() ⇒ false
        ['foo'][?0].value() ⇒ 'foo'
        optional.of(['foo'])[?0].value() ⇒ 'foo'
        optional.none()[?0].hasValue() ⇒ false
        {1u: 1.0, 2: 2.0, 3u: 3.0}[?3.0].value() ⇒ 3.0
        1[?0] ⇒ error
        1.?a ⇒ error
        optional.none() == optional.none() ⇒ true
        optional.of(1) == optional.none() ⇒ false
        optional.of(1) == optional.of(1u) ⇒ true
        optional.of(1) != optional.of(2) ⇒ true
        optional.unwrap([optional.of(1), optional.none(), optional.of(2)]) ⇒ [1, 2]
        [optional.of(1), optional.none()].unwrapOpt() ⇒ [1]
        optional.unwrap([1]) ⇒ error
        optional.unwrap(1) ⇒ error
        google.protobuf.Int64Value{?value: optional.none()} ⇒ 0
        """#

    @Test("the network library reads addresses and blocks", arguments: Table.read(network))
    func handlesNetworks(_ table: Table) { table.verify() }

    static let network = #"""
        string(ip('192.168.0.1')) ⇒ '192.168.0.1'
        ip('192.168.0.1.0') ⇒ error
        ip('256.1.1.1') ⇒ error
        ip('01.1.1.1') ⇒ error
        ip('') ⇒ error
        ip(1) ⇒ error
        isIP('192.168.0.1') ⇒ true
        isIP('192.168.0.1.0') ⇒ false
        isIP(cidr('192.168.0.0/24')) ⇒ error
        isIP('::1') ⇒ true
        isIP('1::2::3') ⇒ false
        isIP('1:2:3:4:5:6:7:8:9') ⇒ false
        isIP('12345::') ⇒ false
        isIP(':1') ⇒ false
        isIP('1:') ⇒ false
        ip.isCanonical('127.0.0.1') ⇒ true
        ip.isCanonical('2001:DB8::68') ⇒ false
        ip.isCanonical('2001:db8:0:0:0:0:0:1') ⇒ false
        ip.isCanonical('127.0.0.1.0') ⇒ error
        string(ip('2001:DB8:0:0:1:0:0:1')) ⇒ '2001:db8::1:0:0:1'
        string(ip('::')) ⇒ '::'
        string(ip('1:0:2:0:0:0:3:4')) ⇒ '1:0:2::3:4'
        ip('2001:db8:::68') ⇒ error
        ip('fe80::1%en0') ⇒ error
        ip('::ffff:192.168.0.1') ⇒ error
        ip('::ffff:c0a8:1') == ip('192.168.0.1') ⇒ true
        string(ip('64:ff9b::192.0.2.33')) ⇒ '64:ff9b::c000:221'
        ip('1:2:3:4:5:6:1.2.3.4') == ip('1:2:3:4:5:6:102:304') ⇒ true
        ip('1:2:3:4:5:6:7:1.2.3.4') ⇒ error
        ip('::1.2.3') ⇒ error
        ip('::1.2.3.4:5') ⇒ error
        type(ip('192.168.0.1')) == net.IP ⇒ true
        ip('192.168.0.1').family() ⇒ 4
        ip('2001:db8::68').family() ⇒ 6
        family(1) ⇒ error
        1.family() ⇒ error
        ip('0.0.0.0').isUnspecified() ⇒ true
        ip('::').isUnspecified() ⇒ true
        1.isUnspecified() ⇒ error
        ip('127.0.0.1').isLoopback() ⇒ true
        ip('::1').isLoopback() ⇒ true
        1.isLoopback() ⇒ error
        ip('192.168.0.1').isGlobalUnicast() ⇒ true
        ip('255.255.255.255').isGlobalUnicast() ⇒ false
        ip('ff00::1').isGlobalUnicast() ⇒ false
        1.isGlobalUnicast() ⇒ error
        ip('224.0.0.1').isLinkLocalMulticast() ⇒ true
        ip('224.0.1.1').isLinkLocalMulticast() ⇒ false
        ip('ff02::1').isLinkLocalMulticast() ⇒ true
        1.isLinkLocalMulticast() ⇒ error
        ip('169.254.169.254').isLinkLocalUnicast() ⇒ true
        ip('fe80::1').isLinkLocalUnicast() ⇒ true
        ip('fd80::1').isLinkLocalUnicast() ⇒ false
        1.isLinkLocalUnicast() ⇒ error
        ip('2001:db8::1') == ip('2001:DB8::1') ⇒ true
        ip('::') == ip('::ffff') ⇒ false
        type(cidr('192.168.0.0/24')) == net.CIDR ⇒ true
        cidr('192.168.0.0/') ⇒ error
        cidr('192.168.0.0/33') ⇒ error
        cidr('192.168.0.0') ⇒ error
        cidr('fe80::1%en0/24') ⇒ error
        cidr('::ffff:192.168.0.1/24') ⇒ error
        cidr(1) ⇒ error
        isCIDR('10.0.0.0/8') ⇒ true
        isCIDR('10.0.0.0/08') ⇒ false
        isCIDR(1) ⇒ error
        cidr('127.0.0.1/24') == cidr('127.0.0.1/24') ⇒ true
        cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) ⇒ true
        cidr('192.168.0.0/24').containsIP('192.168.1.1') ⇒ false
        cidr('192.168.0.0/24').containsIP('x') ⇒ error
        cidr('192.168.0.0/24').containsIP(1) ⇒ error
        cidr('2001:db8::/32').containsIP(ip('192.168.1.1')) ⇒ false
        cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/25')) ⇒ true
        cidr('192.168.0.0/24').containsCIDR('192.168.0.0/23') ⇒ false
        cidr('10.0.0.0/8').containsCIDR('10.0.0.0/8') ⇒ true
        cidr('10.0.0.0/8').containsCIDR(1) ⇒ error
        cidr('10.0.0.0/8').containsCIDR('x') ⇒ error
        cidr('192.168.0.7/24').ip() == ip('192.168.0.7') ⇒ true
        cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24') ⇒ true
        cidr('2001:db8::/32').prefixLength() ⇒ 32
        string(cidr('2001:db8::/32')) ⇒ '2001:db8::/32'
        1.masked() ⇒ error
        1.prefixLength() ⇒ error
        1.ip() ⇒ error
        """#
}
