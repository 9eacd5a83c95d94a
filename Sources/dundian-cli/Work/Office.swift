// LibreOffice, which turns flat OpenDocument files into DOCX, PDF and XLSX and reads spreadsheets: run without a screen, with a profile of its own.

import Dundian
import Files
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

enum Office {
    /// The program; nil if it is not installed.
    static var program: String? {
        let environment = ProcessInfo.processInfo.environment
        if let asked = environment["DUNDIAN_SOFFICE"], !asked.isEmpty { return access(asked, X_OK) == 0 ? asked : nil }
        let folders =
            (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init) + ["/usr/lib/libreoffice/program"]
        return folders.flatMap { (folder: String) -> [String] in ["\(folder)/soffice", "\(folder)/libreoffice"] }.first {
            access($0, X_OK) == 0
        }
    }

    /// Turns a file's contents into another format.
    ///
    /// - Parameters:
    ///   - ending: of the contents, as `fodt`.
    ///   - target: what `--convert-to` takes, as `docx` or `csv:"Text - txt - csv (StarCalc)":44,34,76,1`.
    static func convert(_ contents: [UInt8], ending: String, to target: String) throws -> [UInt8] {
        guard let program else { throw missing(target) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dundian-office-\(UUID().uuidString)")
        // What goes through here is about named people: for its owner's eyes alone, and gone afterwards.
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("in.\(ending)")
        try Data(contents).write(to: source)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "-env:UserInstallation=\(folder.appendingPathComponent("profile").absoluteString)", "--headless", "--norestore",
            "--nolockcheck",
            "--convert-to", target, "--outdir", folder.appendingPathComponent("out").path, source.path,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { throw missing(target) }
        process.waitUntilExit()
        let out = try? FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent("out"), includingPropertiesForKeys: nil)
        guard process.terminationStatus == 0, let file = out?.first, let data = try? Data(contentsOf: file), !data.isEmpty else {
            throw Explanation(
                "office-failed", exit: ExitStatus.internal, tr("LibreOffice 没有转成。", "LibreOffice did not convert the file."),
                tr(
                    "什么也没有写。请关掉别的 LibreOffice 再试，或写成 .html 或 .csv。",
                    "Nothing was written. Close other LibreOffice windows and try again, or write .html or .csv."))
        }
        return Array(data)
    }

    private static func missing(_ target: String) -> Explanation {
        Explanation(
            "office-missing", exit: ExitStatus.notFound,
            tr(
                "没有装 LibreOffice，做不了 \(target.prefix { $0 != ":" }) 文件。",
                "LibreOffice is not installed, so there is no way to \(target.prefix { $0 != ":" }) files."),
            tr(
                "什么也没有写。运行 Scripts/setup --documents 安装；.html、.fodt、.csv、.fods 不需要它。",
                "Nothing was written. Install it with Scripts/setup --documents; .html, .fodt, .csv and .fods need nothing."))
    }
}
