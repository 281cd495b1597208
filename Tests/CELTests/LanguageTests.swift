import CEL
import Testing

@Suite("The language")
struct LanguageTests {
    @Test("literals stand for themselves", arguments: Table.read(literals))
    func evaluatesLiterals(_ table: Table) { table.verify() }

    static let literals = #"""
        0 ⇒ 0
        17 ⇒ 17
        -1 ⇒ 0 - 1
        0u ⇒ uint(0)
        0x55555555 ⇒ 1431655765
        -0x55555555 ⇒ -1431655765
        0xFFu ⇒ 255u
        0XfF ⇒ 255
        9223372036854775807 ⇒ 9223372036854775806 + 1
        -9223372036854775808 ⇒ -9223372036854775807 - 1
        9223372036854775808 ⇒ error
        -9223372036854775809 ⇒ error
        18446744073709551615u ⇒ 18446744073709551615U
        18446744073709551616u ⇒ error
        0.0 ⇒ double(0)
        0e+0 ⇒ 0.0
        .5 ⇒ 0.5
        .5e1 ⇒ 5.0
        -2.3e+1 ⇒ -23.0
        1e400 ⇒ error
        1. ⇒ error
        1x ⇒ error
        0x ⇒ error
        true ⇒ 1 == 1
        false ⇒ 1 == 2
        null ⇒ null
        '' ⇒ ""
        'it\'s' ⇒ "it's"
        "\"" ⇒ '"'
        r"\n" ⇒ "\\n"
        R'\'' ⇒ error
        '''it's''' ⇒ "it's"
        """a"b""" ⇒ 'a"b'
        r'''\w+''' ⇒ "\\w+"
        '\a\b\f\n\r\t\v\\\?\"\'\`' ⇒ "\x07\x08\x0c\x0a\x0d\x09\x0b\x5c?\x22\x27\x60"
        '\x41\X42\103\u0044\U00000045' ⇒ "ABCDE"
        '\377' ⇒ "ÿ"
        '\U0001F431' ⇒ "🐱"
        '\uD800' ⇒ error
        '\U00110000' ⇒ error
        '\q' ⇒ error
        '\x4' ⇒ error
        '\400' ⇒ error
        'open ⇒ error
        b'' ⇒ bytes('')
        b'abc' ⇒ bytes('abc')
        b'\377' == bytes('ÿ') ⇒ false
        b'\303\277' ⇒ bytes('ÿ')
        b"ÿ" ⇒ b'\xc3\xbf'
        B'''a'b''' ⇒ b"a'b"
        bR'\x' ⇒ b'\\x'
        [] ⇒ [1].filter(x, false)
        [1, 2,] ⇒ [1, 2]
        [,] ⇒ []
        {} ⇒ {1: 2}.transformMap(k, v, false, v)
        {'a': 1, 'b': 2,} ⇒ {'b': 2, 'a': 1}
        {1: 'a', 1: 'b'} ⇒ error
        {1: 'a', 1u: 'b'} ⇒ error
        {true: 1, false: 2, true: 3} ⇒ error
        {1.5: 1} ⇒ error
        {null: 1} ⇒ error
        {[1]: 1} ⇒ error
        1 + // a comment
        // nothing ⇒ error
        """#

    @Test("lines end single-quoted strings but not triple-quoted ones")
    func readsLineEnds() throws {
        #expect(try evaluate("'''a\nb'''") == "a\nb")
        #expect(try evaluate("\"\"\"a\r\nb\"\"\"") == "a\r\nb")
        #expect(throws: Diagnostics.self) { try evaluate("'a\nb'") }
        #expect(throws: Diagnostics.self) { try evaluate("'a\rb'") }
        // Unicode escapes are for strings, and a raw prefix stands behind that of bytes.
        #expect(throws: Diagnostics.self) { try evaluate(#"b'\u00FF'"#) }
        #expect(throws: Diagnostics.self) { try evaluate("rb'x'") }
        #expect(try evaluate("' \u{01}\u{7F}\u{88888} '") == " \u{01}\u{7F}\u{88888} ")
    }

    @Test("blanks and comments may stand between any two words")
    func skipsBlanks() throws {
        let words = [
            "[", "{", "'a'", ":", "int", "(", "17", ")", "}", ".", "a", "]", "[", "0", "]", "==", "(", "18", "-", "1", ")", "&&", "!", "false", "?",
            "1", ":", "2",
        ]
        for blank in [" ", "\t", "\n", "\u{0C}", "\r", "// @\n", "// no end but a line's \r\n"] {
            #expect(try evaluate(words.joined(separator: blank)) == 1)
        }
        #expect(throws: Diagnostics.self) { try evaluate("1 // all of this is \r + 1 comment\n +") }
    }

    private func evaluate(_ expression: String) throws -> Value { try Environment().compileUnchecked(expression).evaluate(Bindings()) }

    @Test("arithmetic is exact, and what does not fit is an error", arguments: Table.read(arithmetic))
    func computes(_ table: Table) { table.verify() }

    static let arithmetic = #"""
        40 + 2 ⇒ 42
        42 - 12 - 30 ⇒ 0
        6 * 7 ⇒ 42
        7 / 2 ⇒ 3
        -7 / 2 ⇒ -3
        7 % 3 ⇒ 1
        -7 % 3 ⇒ -1
        -(5) ⇒ -5
        --5 ⇒ 5
        !!true ⇒ true
        --------------------------------19 ⇒ 19
        -(-9223372036854775807 - 1) ⇒ error
        9223372036854775807 + 1 ⇒ error
        -9223372036854775808 - 1 ⇒ error
        5000000000 * 5000000000 ⇒ error
        (-9223372036854775808) / -1 ⇒ error
        (-9223372036854775808) % -1 ⇒ error
        1 / 0 ⇒ error
        1 % 0 ⇒ error
        42u + 2u ⇒ 44u
        0u - 1u ⇒ error
        18446744073709551615u + 1u ⇒ error
        5000000000u * 5000000000u ⇒ error
        7u / 2u ⇒ 3u
        7u % 4u ⇒ 3u
        1u / 0u ⇒ error
        1u % 0u ⇒ error
        -(1u) ⇒ error
        4.25 + 15.25 ⇒ 19.5
        42.0 - 12.0 ⇒ 30.0
        1.5 * 4.0 ⇒ 6.0
        0.0 / 0.0 == 0.0 / 0.0 ⇒ false
        1.0 / 0.0 > 1e308 ⇒ true
        -1.0 / 0.0 < -1e308 ⇒ true
        47.5 % 5.5 ⇒ error
        1 + 1.0 ⇒ error
        1 + 1u ⇒ error
        'a' + 'b' + '' ⇒ 'ab'
        b'a' + b'\xff' ⇒ b'a\xff'
        [1] + [] + [2, 'x'] ⇒ [1, 2, 'x']
        'a' + 1 ⇒ error
        'a' - 'a' ⇒ error
        [1] + 1 ⇒ error
        {} + {} ⇒ error
        true + true ⇒ error
        !1 ⇒ error
        -'a' ⇒ error
        2 + 3 * 4 == 14 && 2 * 3 + 4 == 10 ⇒ true
        1 - 2 - 3 ⇒ -4
        12 / 3 / 2 * 5 % 3 ⇒ 1
        """#

    @Test("equality and order go by value across number types", arguments: Table.read(comparisons))
    func compares(_ table: Table) { table.verify() }

    static let comparisons = #"""
        1 == 1 ⇒ true
        -1 == 1 ⇒ false
        1 == 1u ⇒ true
        1u == 1.0 ⇒ true
        1 == 1.5 ⇒ false
        -1 == 18446744073709551615u ⇒ false
        9223372036854775807 == 9223372036854775808.0 ⇒ true
        9007199254740993 == 9007199254740994.0 ⇒ false
        9223372036854775807 < 9223372036854775808u ⇒ true
        9223372036854775807 < 9223372036854775808.0 ⇒ false
        9223372036854775807 < 9223372036854777857.0 ⇒ true
        9223372036854775807 >= 9223372036854775808.0 ⇒ true
        9223372036854775808.0 <= 9223372036854775807 ⇒ true
        9223372036854775808.0 > 9223372036854775807 ⇒ false
        -9223372036854775808 < -9223372036854775809.0 ⇒ false
        -9223372036854775808 > -9223372036854777857.0 ⇒ true
        18446744073709553665.0 > 18446744073709551615u ⇒ true
        18446744073709551615u >= 18446744073709553665.0 ⇒ false
        18446744073709551615u < 18446744073709590000.0 ⇒ true
        -1 < 1u ⇒ true
        1u > -1 ⇒ true
        1 < 1.5 ⇒ true
        1.5 > 1u ⇒ true
        -1.5 < -1 ⇒ true
        -2 < -1.5 ⇒ true
        0.0 == -0.0 ⇒ true
        double('NaN') == double('NaN') ⇒ false
        double('NaN') != double('NaN') ⇒ true
        double('NaN') < 1.0 ⇒ false
        double('NaN') >= 1 ⇒ false
        1 <= double('NaN') ⇒ false
        double('inf') > 9223372036854775807 ⇒ true
        'a' == 'a' ⇒ true
        'a' == 'A' ⇒ false
        'é' == 'é' ⇒ true
        '\u00e9' == 'e\u0301' ⇒ false
        'a' < 'b' ⇒ true
        'a' < 'B' ⇒ false
        'abc' < 'abcd' ⇒ true
        '' < 'a' ⇒ true
        '\uffee' < '\U0001F600' ⇒ true
        b'a' < b'b' ⇒ true
        b'\xff' > b'\x00\x00' ⇒ true
        false < true ⇒ true
        true < false ⇒ false
        true >= true ⇒ true
        null == null ⇒ true
        null == false ⇒ false
        null != 1 ⇒ true
        1 == '1' ⇒ false
        true != 1 ⇒ true
        [] == {} ⇒ false
        'a' != b'a' ⇒ true
        1 < '1' ⇒ error
        null < null ⇒ error
        [1] < [2] ⇒ error
        {} < {} ⇒ error
        int < uint ⇒ error
        [1, 2] == [1, 2] ⇒ true
        [1, 2] == [2, 1] ⇒ false
        [1, 2] == [1, 2, 3] ⇒ false
        [1, 2u, 3.0] == [1u, 2.0, 3] ⇒ true
        [1, 'a'] == [1, 'b'] ⇒ false
        [double('NaN')] == [double('NaN')] ⇒ false
        {'a': 1, 'b': [2]} == {'b': [2.0], 'a': 1u} ⇒ true
        {'a': 1} == {'a': 2} ⇒ false
        {'a': 1} == {'b': 1} ⇒ false
        {1: 'x', 2u: 'y'} == {1u: 'x', 2: 'y'} ⇒ true
        {'a': 1} != {'a': 1, 'b': 2} ⇒ true
        1 in [1, 2, 3] ⇒ true
        4 in [1, 2, 3] ⇒ false
        2u in [1, 2.0, 3] ⇒ true
        'a' in [] ⇒ false
        'a' in [1, 'a'] ⇒ true
        double('NaN') in [double('NaN')] ⇒ false
        'a' in {'a': 1} ⇒ true
        1.0 in {1: 'a'} ⇒ true
        1.5 in {1: 'a'} ⇒ false
        5u in {5: true} ⇒ true
        null in {1: 2} ⇒ false
        1 in 1 ⇒ error
        'a' in 'abc' ⇒ error
        11 in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] ⇒ false
        7.0 in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] ⇒ true
        'k' in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'k'] ⇒ true
        [1] in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] ⇒ false
        1 < 2 == true ⇒ true
        """#

    @Test("logic absorbs the errors that can't change the outcome", arguments: Table.read(logic))
    func decides(_ table: Table) { table.verify() }

    static let logic = #"""
        true && true ⇒ true
        true && false ⇒ false
        false && 32 ⇒ false
        'horses' && false ⇒ false
        false && (2 / 0 > 3) ⇒ false
        (2 / 0 > 3) && false ⇒ false
        true && 1 / 0 != 0 ⇒ error
        1 / 0 != 0 && true ⇒ error
        'a' && 'b' ⇒ error
        true || 32 ⇒ true
        'horses' || true ⇒ true
        (2 / 0 > 3) || true ⇒ true
        false || 1 / 0 != 0 ⇒ error
        1 / 0 != 0 || false ⇒ error
        'a' || 'b' ⇒ error
        unknown || true ⇒ true
        false && unknown.field ⇒ false
        unknown(1) || true ⇒ true
        a.unknown() || true ⇒ true
        true || true && false ⇒ true
        true ? 1 : 2 ⇒ 1
        false ? 'foo' : 'bar' ⇒ 'bar'
        true ? 1 : 1 / 0 ⇒ 1
        2 / 0 > 4 ? 'baz' : 'quux' ⇒ error
        'cows' ? false : 17 ⇒ error
        true ? 'cows' : 17 ⇒ 'cows'
        false ? 1 : true ? 2 : 3 ⇒ 2
        (true ? false : true) ? 1 : 2 ⇒ 2
        true ? true ? 1 : 2 : 3 ⇒ error
        !true || !false ⇒ true
        false || false || false || true || 1 / 0 == 0 ⇒ true
        1 + true || true ⇒ true
        """#

    @Test("fields and indices reach into lists and maps", arguments: Table.read(access))
    func reaches(_ table: Table) { table.verify() }

    static let access = #"""
        {'name': 100u}['name'] ⇒ 100u
        {'name': 1}.name ⇒ 1
        {'a': {'b': [1, 2]}}.a.b[1] ⇒ 2
        {'a b': 1, 'c/d': 2, 'e-f': 3, 'g.h': 4}.`a b` ⇒ 1
        {'e-f': 3}.`e-f` ⇒ 3
        has({'e-f': 3}.`e-f`) ⇒ true
        {0: 1, 2: 2, 5: true}[5] ⇒ true
        {0u: 1u, 2u: 'happy'}[2] ⇒ 'happy'
        {1: 'a'}[1.0] ⇒ 'a'
        {1: 'a'}[1.5] ⇒ error
        {true: 5}[true] ⇒ 5
        {true: null}[true] ⇒ null
        {0: 1}[1] ⇒ error
        {'a': 1}.b ⇒ error
        {0: 1}[null] ⇒ error
        {0: 1}[[0]] ⇒ error
        {'as': 1}.as ⇒ 1
        {'for': 1}.for ⇒ 1
        {'while': 1}.while ⇒ 1
        {'in': 1}.in ⇒ error
        {'true': 1}.true ⇒ error
        {'null': 1}.null ⇒ error
        as ⇒ error
        namespace ⇒ error
        while ⇒ error
        [7, 8, 9][0] ⇒ 7
        [7, 8, 9][dyn(2u)] ⇒ 9
        [7, 8, 9][dyn(0.0)] ⇒ 7
        [7, 8, 9][dyn(0.1)] ⇒ error
        [7, 8, 9][3] ⇒ error
        [7, 8, 9][-1] ⇒ error
        [7, 8, 9]['a'] ⇒ error
        [1][9223372036854775807u + 1u] ⇒ error
        [1].a ⇒ error
        'abc'[0] ⇒ error
        1[0] ⇒ error
        15.pancakes ⇒ error
        has({'a': 1}.a) ⇒ true
        has({'a': null}.a) ⇒ true
        has({'a': 1}.b) ⇒ false
        has({'a': {'b': 1}}.a.b) ⇒ true
        has({}.a.b) ⇒ error
        has([1].a) ⇒ error
        has('a') ⇒ error
        has({}) ⇒ error
        [[[[[[[[[[[['foo']]]]]]]]]]]][0][0][0][0][0][0][0][0][0][0][0][0] ⇒ 'foo'
        ((((((((((((((((((((((((((((((((7)))))))))))))))))))))))))))))))) ⇒ 7
        size({0: {0: {0: {0: {0: {0: {0: {0: {0: {0: {0: {0: 'foo'}}}}}}}}}}}}) ⇒ 1
        {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10}[7u] ⇒ 7
        {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9, 'j': 10}.j ⇒ 10
        {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9, 'j': 10}.k ⇒ error
        """#

    @Test("types are values", arguments: Table.read(types))
    func tellsTypes(_ table: Table) { table.verify() }

    static let types = #"""
        type(1) ⇒ int
        type(1u) == uint ⇒ true
        type(1.0) ⇒ double
        type('a') ⇒ string
        type(b'a') ⇒ bytes
        type(true) ⇒ bool
        type(null) ⇒ null_type
        type([1]) == type(['a']) ⇒ true
        type({1: 2}) ⇒ map
        type(dyn([1, 'one'])) ⇒ list
        type(int) ⇒ type
        type(type) == type ⇒ true
        type(7) == type(7u) ⇒ false
        type(timestamp(0)) == google.protobuf.Timestamp ⇒ true
        type(duration('1s')) == google.protobuf.Duration ⇒ true
        type(optional.none()) == optional_type ⇒ true
        dyn ⇒ error
        type() ⇒ error
        google.protobuf.Int64Value{value: 1} + 1 ⇒ 2
        google.protobuf.Int32Value{} ⇒ 0
        google.protobuf.UInt64Value{value: 1u} ⇒ 1u
        google.protobuf.StringValue{value: 'a'} ⇒ 'a'
        google.protobuf.BoolValue{value: true} ⇒ true
        google.protobuf.DoubleValue{value: 1.5} ⇒ 1.5
        google.protobuf.BytesValue{value: b'x'} ⇒ b'x'
        google.protobuf.Value{number_value: 12.5} ⇒ 12.5
        google.protobuf.Value{} ⇒ null
        google.protobuf.Value{null_value: google.protobuf.NullValue.NULL_VALUE} ⇒ null
        google.protobuf.ListValue{values: [1.0, 'one']} ⇒ [1.0, 'one']
        google.protobuf.Struct{fields: {'a': 1.0}} ⇒ {'a': 1.0}
        google.protobuf.Timestamp{seconds: 1} ⇒ timestamp(1)
        google.protobuf.Duration{seconds: 1, nanos: 5} ⇒ duration('1.000000005s')
        google.protobuf.Int32Value{value: 4294967296} ⇒ error
        google.protobuf.UInt32Value{value: 4294967296u} ⇒ error
        google.protobuf.Int64Value{value: 'a'} ⇒ error
        google.protobuf.Int64Value{other: 1} ⇒ error
        NoSuchType{a: 1} ⇒ error
        """#
}
