/// The distances between things, in pixels.
enum Spacing {
    /// Around the picture.
    static let margin = 16
    /// Between two unconnected parts of the picture.
    static let parts = 40

    // MARK: Boxes
    static let boxPadding = 12
    static let smallestBox = 132
    /// The widest text of a box.
    static let widestText = 216
    static let smallestBoxHeight = 40
    static let badgePadding = 6
    static let badgeGap = 8
    static let belowTitle = 3

    // MARK: Labels
    /// The widest label on one line.
    static let widestLabelLine = 144
    /// The widest label on two lines.
    static let widestLabel = 128
    static let labelPadding = 6

    // MARK: Neighbours in a row
    static let betweenBoxes = 32
    static let betweenBoxAndLabel = 16
    static let betweenLabels = 10
    static let besideLine = 10
    static let betweenLines = 12
    /// Between the corner of a box and the first edge at that side, and between two edges there.
    static let cornerToPort = 14
    static let betweenPorts = 12

    // MARK: Between rows
    /// The least distance of two rows of boxes.
    static let betweenBoxRows = 44
    /// Between boxes and the first level line: the arrow head, then the rounded corner.
    static let besideBoxRow = 18
    static let besideLabelRow = 8
    static let betweenTracks = 9
    /// Upright lines that are nearer to each other than this must not stand at the same height.
    static let nearLines = 7

    // MARK: Loops
    /// How far an edge from a box to itself leaves it.
    static let loopWidth = 20
    static let loopHeight = 12
    static let betweenLoops = 6
    static let loopToLabel = 1
}
