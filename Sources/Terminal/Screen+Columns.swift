// How wide the screen is, if there is one.

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Screen {
    /// Cells of the screen standard output goes to; nil where lines have no end.
    package static var columns: Int? { isatty(1) == 1 ? pageColumns : nil }

    /// Cells of the screen standard error goes to, as it is now; nil where it goes to none.
    package static var errorColumns: Int? {
        var size = winsize()
        return isatty(2) == 1 && ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Cells of the screen, or of the one a page is most likely read on.
    package static let pageColumns: Int = {
        if let asked = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), asked > 20 { return asked }
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }()
}
