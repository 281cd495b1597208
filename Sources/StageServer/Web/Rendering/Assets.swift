import HTTPTypes
import NIOCore

/// What pages are made of besides their text: style sheet, script, icon. Each is known by its content, so that browsers may keep it for good.
struct Assets: Sendable {
    struct Asset: Sendable {
        let path: String
        let mediaType: String
        let bytes: ByteBuffer
        let compressed: ByteBuffer?
    }

    let stylesheet: Asset
    let icon: Asset
    let scripts: [Asset]

    init() {
        stylesheet = Asset("stagekeeper", "css", "text/css; charset=utf-8", PackageResources.stagekeeper_css)
        icon = Asset("favicon", "svg", "image/svg+xml", PackageResources.favicon_svg)
        scripts = Self.modules
    }

    var all: [Asset] { [stylesheet, icon] + scripts }

    /// The paths that every page names.
    var model: PageValue {
        ["stylesheet": .text(stylesheet.path), "icon": .text(icon.path), "script": .optional(scripts.first?.path)]
    }

    /// The modules of the script, the one that pages load first. None yet.
    private static var modules: [Asset] { [] }
}

extension Assets.Asset {
    init(_ name: String, _ suffix: String, _ mediaType: String, _ bytes: [UInt8]) {
        path = "/assets/\(name)-\(Self.fingerprint(of: bytes)).\(suffix)"
        self.mediaType = mediaType
        self.bytes = ByteBuffer(bytes: bytes)
        compressed = Gzip.compress(bytes, isLasting: true).map { ByteBuffer(bytes: $0) }
    }

    /// 64 bits of FNV-1a: another content has another name.
    private static func fingerprint(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 36)
    }
}
