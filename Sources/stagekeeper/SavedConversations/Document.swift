import Foundation
import StageModel
import YAML

/// A file in YAML or JSON: its value, and where each part of it stands.
struct Document {
    let path: String
    let json: JSONValue
    /// By JSON pointers. A member stands where its name does.
    private let places: [String: YAMLPlace]

    /// - Throws: why the file can't be read.
    init(path: String) throws(FileFaults) {
        guard let data = FileManager.default.contents(atPath: path) else { throw FileFaults(["The file '\(path)' can't be read."]) }
        do throws(YAMLError) {
            let node = try YAMLNode(parsing: data)
            var places: [String: YAMLPlace] = [:]
            json = Self.value(of: node, at: .root, &places)
            self.places = places
            self.path = path
        } catch {
            throw FileFaults(["\(path):\(error.place.line):\(error.place.column): \(error.message)"])
        }
    }

    private static func value(of node: YAMLNode, at pointer: JSONPointer, _ places: inout [String: YAMLPlace]) -> JSONValue {
        if places[pointer.description] == nil { places[pointer.description] = node.place }
        switch node.content {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(value)
        case .sequence(let elements):
            return .array(elements.enumerated().map { value(of: $1, at: pointer.appending($0), &places) })
        case .mapping(let members):
            var values: [String: JSONValue] = [:]
            for member in members {
                let place = pointer.appending(member.name)
                places[place.description] = member.place
                values[member.name] = value(of: member.value, at: place, &places)
            }
            return .object(values)
        }
    }

    /// Where something stands; what is missing stands where it would belong.
    func place(of pointer: JSONPointer) -> YAMLPlace {
        var text = pointer.description[...]
        while true {
            if let place = places[String(text)] { return place }
            guard let end = text.lastIndex(of: "/") else { return YAMLPlace(line: 1, column: 1) }
            text = text[..<end]
        }
    }

    func line(of pointer: JSONPointer) -> Int { place(of: pointer).line }

    /// Faults with the file, the line and the column of each.
    func faults(_ faults: [InputFault]) -> FileFaults {
        FileFaults(
            faults.map { fault in
                let place = place(of: fault.pointer)
                return "\(path):\(place.line):\(place.column): \(fault.pointer): \(fault.message)"
            })
    }
}

/// Why a file can't be used: a line for each reason.
struct FileFaults: Error {
    let lines: [String]

    init(_ lines: [String]) { self.lines = lines }
}
