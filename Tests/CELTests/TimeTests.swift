import CEL
import Testing

@Suite("Time")
struct TimeTests {
    @Test("timestamps and durations are read, compared and computed with", arguments: Table.read(times))
    func handlesTime(_ table: Table) { table.verify() }

    static let times = #"""
        int(timestamp('2009-02-13T23:31:30Z')) ⇒ 1234567890
        string(timestamp('9999-12-31T23:59:59.999999999Z')) ⇒ '9999-12-31T23:59:59.999999999Z'
        timestamp('2009-02-13T23:31:30+01:00') == timestamp('2009-02-13T22:31:30Z') ⇒ true
        timestamp(1234567890) ⇒ timestamp('2009-02-13T23:31:30Z')
        timestamp(timestamp(5)) ⇒ timestamp(5)
        timestamp('0000-01-01T00:00:00Z') ⇒ error
        timestamp('10000-01-01T00:00:00Z') ⇒ error
        timestamp(253402300800) ⇒ error
        timestamp('2009-02-30T00:00:00Z') ⇒ error
        timestamp('2009-02-13T24:00:00Z') ⇒ error
        timestamp('2009-02-13') ⇒ error
        timestamp('2009-02-13T23:31:30') ⇒ error
        timestamp('x') ⇒ error
        timestamp(1.5) ⇒ error
        timestamp('2012-02-29T00:00:00Z').getDayOfYear() ⇒ 59
        string(duration('1000000s')) ⇒ '1000000s'
        duration('1h45m47s') ⇒ duration('6347s')
        duration('-1.5h') ⇒ duration('-5400s')
        duration('1ms1us1ns') ⇒ duration('1001001ns')
        duration('0') ⇒ duration('0s')
        string(duration('1ns')) ⇒ '0.000000001s'
        duration('1') ⇒ error
        duration('') ⇒ error
        duration('s') ⇒ error
        duration('1d') ⇒ error
        duration('--1s') ⇒ error
        duration('320000000000s') ⇒ error
        duration('-320000000000s') ⇒ error
        duration(1.5) ⇒ error
        timestamp('2009-02-13T23:31:30Z').getFullYear() ⇒ 2009
        timestamp('2009-02-13T23:31:30Z').getMonth() ⇒ 1
        timestamp('2009-02-13T23:31:30Z').getDate() ⇒ 13
        timestamp('2009-02-13T23:31:30Z').getDayOfMonth() ⇒ 12
        timestamp('2009-02-13T23:31:30Z').getDayOfWeek() ⇒ 5
        timestamp('2009-02-13T23:31:30Z').getDayOfYear() ⇒ 43
        timestamp('2009-02-13T23:31:30Z').getHours() ⇒ 23
        timestamp('2009-02-13T23:31:30Z').getMinutes() ⇒ 31
        timestamp('2009-02-13T23:31:30Z').getSeconds() ⇒ 30
        timestamp('2009-02-13T23:31:20.123456789Z').getMilliseconds() ⇒ 123
        timestamp('1969-12-31T23:59:59.5Z').getSeconds() ⇒ 59
        timestamp('2009-02-13T23:31:30Z').getDate('Australia/Sydney') ⇒ 14
        timestamp('2009-02-13T23:31:30Z').getDayOfMonth('US/Central') ⇒ 12
        timestamp('2009-02-13T23:31:30Z').getDayOfMonth('+11:00') ⇒ 13
        timestamp('2009-02-13T02:00:00Z').getDayOfMonth('-02:30') ⇒ 11
        timestamp('2009-02-13T02:00:00Z').getDayOfMonth('America/St_Johns') ⇒ 11
        timestamp('2009-02-13T23:31:30Z').getDayOfWeek('UTC') ⇒ 5
        timestamp('2009-02-13T23:31:30Z').getDayOfYear('US/Central') ⇒ 43
        timestamp('2009-02-13T23:31:30Z').getFullYear('-09:30') ⇒ 2009
        timestamp('2009-02-13T23:31:30Z').getHours('02:00') ⇒ 1
        timestamp('2009-02-13T23:31:30Z').getMinutes('Asia/Kathmandu') ⇒ 16
        timestamp('2009-02-13T23:31:30Z').getMonth('UTC') ⇒ 1
        timestamp('2009-02-13T23:31:30Z').getSeconds('-00:00') ⇒ 30
        timestamp('2009-02-13T23:31:30.25Z').getMilliseconds('Europe/Berlin') ⇒ 250
        timestamp('2009-07-13T12:00:00Z').getHours('Europe/Berlin') ⇒ 14
        timestamp('2009-02-13T23:31:30Z').getHours('Nowhere/Land') ⇒ error
        timestamp('2009-02-13T23:31:30Z').getHours('25:00') ⇒ error
        timestamp('2009-02-13T23:31:30Z').getMilliseconds('x y') ⇒ error
        timestamp('2009-02-13T23:31:30Z').getHours(1) ⇒ error
        1.getHours() ⇒ error
        1.getMilliseconds() ⇒ error
        duration('1s').getFullYear() ⇒ error
        duration('1s').getHours('UTC') ⇒ error
        duration('10000s').getHours() ⇒ 2
        duration('3730s').getMinutes() ⇒ 62
        duration('3730s').getSeconds() ⇒ 3730
        duration('123.321456789s').getMilliseconds() ⇒ 321
        timestamp('2009-02-13T23:00:00Z') + duration('240s') ⇒ timestamp('2009-02-13T23:04:00Z')
        duration('120s') + timestamp('2009-02-13T23:01:00Z') ⇒ timestamp('2009-02-13T23:03:00Z')
        timestamp('0001-01-01T00:00:01.000000001Z') + duration('-999999999ns') ⇒ timestamp('0001-01-01T00:00:00.000000002Z')
        timestamp('2009-02-13T23:10:00Z') - duration('600s') ⇒ timestamp('2009-02-13T23:00:00Z')
        timestamp('2009-02-13T23:31:00Z') - timestamp('2009-02-13T23:29:00Z') ⇒ duration('120s')
        duration('600s') + duration('50s') - duration('1s') ⇒ duration('649s')
        timestamp('0001-01-01T00:00:00Z') + duration('-1ns') ⇒ error
        timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns') ⇒ error
        timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') ⇒ error
        duration('200000000000s') + duration('200000000000s') ⇒ error
        timestamp(0) + timestamp(0) ⇒ error
        timestamp(0) * 2 ⇒ error
        timestamp(1) < timestamp(2) ⇒ true
        duration('2s') >= duration('2s') ⇒ true
        duration('1s') < timestamp(2) ⇒ error
        timestamp(0) == duration('0s') ⇒ false
        """#
}
