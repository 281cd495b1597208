extension Template { public var faults: [InputFault] { [] } }
