import StageModel

/// Up to which event the transitions are summed up.
///
/// The sums of many stages are written in several transactions, each with those of some parts of all stages. Where each part is stands in the table until all have
/// come to the same place, so that nothing is counted twice when the writing is broken off and another process goes on.
struct FoldProgress: Equatable {
    /// A row of the table `followers`.
    static let name = "statistics"
    static let partCount = 512

    /// The position that all parts have come to.
    private(set) var position: Int64 = 0
    /// The positions of the parts that are further.
    private(set) var further: [Int: Int64] = [:]

    static func part(of stage: Stage.ID) -> Int { stage.part(of: partCount) }

    /// The position that the part of a stage has come to.
    func position(of stage: Stage.ID) -> Int64 { further.isEmpty ? position : further[Self.part(of: stage)] ?? position }

    /// What is so when some parts have come to a position.
    /// - Parameter isLast: all others have come there, too.
    func advanced(_ parts: some Sequence<Int>, to end: Int64, isLast: Bool) -> FoldProgress {
        var progress = self
        if isLast { (progress.position, progress.further) = (end, [:]) } else { for part in parts { progress.further[part] = end } }
        return progress
    }

    static func read(_ connection: any SQLConnection) throws -> FoldProgress {
        var progress = FoldProgress()
        let rows = try connection.rows("SELECT name, position FROM followers WHERE name = ?1 OR name LIKE ?2", [.text(name), .text("\(name)/%")]) {
            ($0.text(0), $0.integer(1))
        }
        for (row, position) in rows {
            if row == name {
                progress.position = position
            } else if let part = Int(row.dropFirst(name.count + 1)) {
                progress.further[part] = position
            }
        }
        return progress
    }

    /// Writes what has changed since.
    func write(since before: FoldProgress, _ connection: any SQLConnection) throws {
        var changed = further.filter { before.further[$0.key] != $0.value }.map { ("\(Self.name)/\($0.key)", $0.value) }
        if position != before.position { changed.append((Self.name, position)) }
        try connection.run(changed.map { Self.replace([.text($0.0), .integer($0.1)]) })
        if further.isEmpty, !before.further.isEmpty { try connection.run("DELETE FROM followers WHERE name LIKE ?1", [.text("\(Self.name)/%")]) }
    }

    private static let replace = SQLInsertion(
        into: "followers", ["name": "text", "position": "bigint"], "ON CONFLICT (name) DO UPDATE SET position = excluded.position")
}
