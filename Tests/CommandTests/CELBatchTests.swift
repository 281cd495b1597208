import Testing

@testable import stagekeeper

@Suite("stagekeeper cel --batch")
struct CELBatchTests {
    @Test(
        "every line is answered with its id and a typed value",
        arguments: [
            (#"{"id": 1, "expr": "1 + 2"}"#, #"{"id":1,"value":{"int":"3"}}"#),
            (
                #"{"id": "a\n", "expr": "x", "bindings": {"x": {"int": "9223372036854775807"}}}"#,
                #"{"id":"a\n","value":{"int":"9223372036854775807"}}"#
            ),
            (#"{"id": 1, "expr": "x", "bindings": {"x": {"uint": "18446744073709551615"}}}"#, #"{"id":1,"value":{"uint":"18446744073709551615"}}"#),
            (#"{"id": 1, "expr": "x", "bindings": {"x": {"double": 1.5}}}"#, #"{"id":1,"value":{"double":1.5}}"#),
            (#"{"id": 1, "expr": "x", "bindings": {"x": {"double": 2}}}"#, #"{"id":1,"value":{"double":2.0}}"#),
            (#"{"id": 1, "expr": "x", "bindings": {"x": {"double": "NaN"}}}"#, #"{"id":1,"value":{"double":"NaN"}}"#),
            (
                #"{"id": 1, "expr": "[x, -x]", "bindings": {"x": {"double": "inf"}}}"#,
                #"{"id":1,"value":{"list":[{"double":"inf"},{"double":"-inf"}]}}"#
            ),
            (#"{"id": 1, "expr": "x", "bindings": {"x": {"string": "a\u0000\"é"}}}"#, #"{"id":1,"value":{"string":"a\u0000\"é"}}"#),
            (#"{"id": 1, "expr": "x + b'!'", "bindings": {"x": {"bytes": "/w=="}}}"#, #"{"id":1,"value":{"bytes":"/yE="}}"#),
            (#"{"id": 1, "expr": "[x, null]", "bindings": {"x": {"bool": true}}}"#, #"{"id":1,"value":{"list":[{"bool":true},{"null":null}]}}"#),
            (
                #"{"id": 1, "expr": "x", "bindings": {"x": {"map": [[{"string": "k"}, {"list": []}], [{"int": "1"}, {"null": null}]]}}}"#,
                #"{"id":1,"value":{"map":[[{"string":"k"},{"list":[]}],[{"int":"1"},{"null":null}]]}}"#
            ),
            (
                #"{"id": 1, "expr": "x - duration('1h')", "bindings": {"x": {"timestamp": "2009-02-13T23:31:30.5Z"}}}"#,
                #"{"id":1,"value":{"timestamp":"2009-02-13T22:31:30.5Z"}}"#
            ),
            (#"{"id": 1, "expr": "x + x", "bindings": {"x": {"duration": "1.5s"}}}"#, #"{"id":1,"value":{"duration":"3s"}}"#),
            (#"{"id": 1, "expr": "x == int ? type(x) : x", "bindings": {"x": {"type": "int"}}}"#, #"{"id":1,"value":{"type":"type"}}"#),
            (
                #"{"id": 1, "expr": "[x.hasValue(), y.hasValue()]", "bindings": {"x": {"optional": null}, "y": {"optional": {"null": null}}}}"#,
                #"{"id":1,"value":{"list":[{"bool":false},{"bool":true}]}}"#
            ),
            (#"{"id": 1, "expr": "[optional.none(), optional.of(1)]"}"#, #"{"id":1,"value":{"list":[{"optional":null},{"optional":{"int":"1"}}]}}"#),
            (
                #"{"id": 1, "expr": "a.b.c", "bindings": {"a.b": {"map": [[{"string": "c"}, {"int": "1"}]]}, "a.b.c": {"int": "2"}}}"#,
                #"{"id":1,"value":{"int":"2"}}"#
            ),
            (#"{"id": 1, "expr": "y", "container": "x", "bindings": {"x.y": {"int": "1"}, "y": {"int": "2"}}}"#, #"{"id":1,"value":{"int":"1"}}"#),
            (#"{"id": 1, "expr": "[ip('::1'), cidr('10.0.0.0/8')]"}"#, #"{"id":1,"value":{"list":[{"string":"::1"},{"string":"10.0.0.0/8"}]}}"#),
            (#"{"id": 7, "expr": "1 / 0"}"#, #"{"id":7,"error":"division by zero"}"#),
            (#"{"id": 7, "expr": "x"}"#, #"{"id":7,"error":"unknown name 'x'"}"#),
            (#"{"id": 7, "expr": "1 +"}"#, #"{"id":7,"error":"1:4: expected an expression, not the end\n1 +\n   ^"}"#),
            (#"{"id": 7}"#, #"{"id":7,"error":"'expr' must be a string"}"#),
            (#"{"id": 7, "expr": "x", "bindings": {"x": {"int": "1.5"}}}"#, #"{"id":7,"error":"not a typed value of type 'int'"}"#),
            ("[1", #"{"id":null,"error":"expected ',' or ']' at byte 2"}"#),
        ])
    func answers(_ line: String, _ answer: String) {
        #expect(CELBatch.answer(line, bench: nil) == answer)
    }

    @Test("with --bench the answer tells the rate")
    func measures() {
        #expect(CELBatch.answer(#"{"id": 1, "expr": "x == 1", "bindings": {"x": {"int": "1"}}}"#, bench: 10).contains("\"evaluations_per_second\":"))
    }
}
