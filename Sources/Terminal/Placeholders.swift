// What stands for a value in usage lines, as `<file>`, in the reader's language.

package import Supervision

package enum Placeholders {
    private static let chinese = [
        "a,b,c": "字段,字段", "address": "地址", "bytes": "流量", "category": "类别", "code": "加入码", "condition": "条件", "count": "数",
        "day": "日期", "days": "天数", "decision": "裁定",
        "draft": "草稿", "engagement": "任务", "field": "字段", "field=value": "字段=值", "file": "文件", "folder": "文件夹", "hours": "小时数",
        "id": "编号", "item": "事项", "kind": "种类", "mark": "校验码", "name": "名字", "number": "序号",
        "numbers": "各序号", "options": "选项",
        "order": "次序", "person": "人员",
        "port": "端口",
        "query": "查询", "section": "部分", "what": "做法", "years": "年数", "rule": "规则", "scope": "范围", "seconds": "秒数", "since": "起始",
        "subcommand": "子命令", "subcommands": "子命令",
        "text": "文字", "title": "标题",
        "type": "类型", "type condition": "类型 条件", "type|id": "类型|编号", "unit": "单位", "url": "地址", "value": "值", "word": "词",
        "year": "年度", "yyyy-mm-dd": "年-月-日",
    ]

    package static func translated(_ name: String, _ t: Language) -> String { t(chinese[name] ?? name, name) }

    /// A usage line or a complaint with all of them in Chinese.
    static func translated(in text: Substring) -> String {
        text.split(separator: "<", omittingEmptySubsequences: false).enumerated().map { i, piece in
            guard i > 0 else { return String(piece) }
            guard let end = piece.firstIndex(of: ">") else { return "<" + piece }
            return "<" + translated(String(piece[..<end]), .chinese) + piece[end...]
        }.joined()
    }
}
