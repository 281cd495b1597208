import Foundation

extension String {
    /// Base64 with the URL-safe alphabet, without padding (RFC 4648, section 5).
    var base64URL: String {
        Data(utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes of base64 with the URL-safe alphabet; nil when it is none.
    var base64URLDecoded: [UInt8]? {
        let padded = replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - utf8.count % 4) % 4)
        return Data(base64Encoded: padded).map(Array.init)
    }
}
