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

    /// The modules of the script, the one that pages load first. Those that others import come by their lasting names.
    private static var modules: [Asset] {
        let parts = [
            ("announce", PackageResources.announce_js), ("graph", PackageResources.graph_js), ("live", PackageResources.live_js),
            ("chat", PackageResources.chat_js), ("rules", PackageResources.rules_js), ("forms", PackageResources.forms_js),
            ("main", PackageResources.main_js),
        ]
        // One name for all, since a change of one is a change of those that import it.
        let fingerprint = Asset.fingerprint(of: parts.flatMap(\.1))
        let modules = parts.map { name, source in
            var text = String(decoding: source, as: UTF8.self)
            for (other, _) in parts { text = text.replacing("\"./\(other).js\"", with: "\"./\(other)-\(fingerprint).js\"") }
            return Asset(path: "/assets/\(name)-\(fingerprint).js", mediaType: "text/javascript; charset=utf-8", bytes: Array(text.utf8))
        }
        return modules.reversed()
    }
}

extension Assets.Asset {
    init(_ name: String, _ suffix: String, _ mediaType: String, _ bytes: [UInt8]) {
        self.init(path: "/assets/\(name)-\(Self.fingerprint(of: bytes)).\(suffix)", mediaType: mediaType, bytes: bytes)
    }

    init(path: String, mediaType: String, bytes: [UInt8]) {
        self.path = path
        self.mediaType = mediaType
        self.bytes = ByteBuffer(bytes: bytes)
        compressed = Gzip.compress(bytes, isLasting: true).map { ByteBuffer(bytes: $0) }
    }

    /// 64 bits of FNV-1a: another content has another name.
    static func fingerprint(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 36)
    }
}
