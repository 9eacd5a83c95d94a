// Which language to speak: as asked, else by locale, else Chinese.

package import Supervision

extension Language {
    /// - Parameter environment: `DUNDIAN_LANG` wins over the locale variables.
    package static func chosen(_ asked: String?, environment: [String: String]) -> Language {
        let names = [asked, environment["DUNDIAN_LANG"], environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]]
        for name in names {
            guard let name = name?.lowercased(), !name.isEmpty else { continue }
            if name.hasPrefix("en") { return .english }
            if name.hasPrefix("zh") { return .chinese }
        }
        return .chinese
    }

    /// This text in this language.
    package func callAsFunction(_ zh: String, _ en: String) -> String { self == .chinese ? zh : en }
}
