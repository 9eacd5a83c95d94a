// Typed views of the supervision record types, and their fields for writing. Made by Scripts/typed from the catalogue: do not edit.

public import Records
public import Replicas
public import Supervision

/// Unit（单位）: a record of type `unit`.
public struct UnitRecord: TypedRecord {
    /// `unit`
    public static let type: TypeKey = "unit"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Tier（层级）.
    public enum Tier: String, Sendable, CaseIterable {
        /// County level（县（市、区）级）
        case county
        /// Municipal department（市级单位）
        case municipalDepartment = "municipal_department"
        /// Township or sub-district（乡镇（街道））
        case township
        /// Dispatched agency（派驻（派出）机构）
        case dispatchedAgency = "dispatched_agency"
        /// State-owned enterprise（国有企业）
        case stateEnterprise = "state_enterprise"
    }

    /// The choices of Organ（机关类别）.
    public enum Organ: String, Sendable, CaseIterable {
        /// Party committee（党委）
        case partyCommittee = "party_committee"
        /// People's congress（人大）
        case congress
        /// Government（政府）
        case government
        /// Consultative conference（政协）
        case consultativeConference = "consultative_conference"
        /// Discipline and supervision（纪检监察）
        case discipline
        /// Court（审判）
        case court
        /// Procuratorate（检察）
        case procuratorate
        /// Other（其他）
        case other
    }

    /// Name（名称）.
    public var name: String? { record.text("name") }
    /// Name（名称）, to be written.
    public static func name(_ value: String) -> FieldWrite { ("name", .value(.text(value))) }

    /// Tier（层级）.
    public var tier: Tier? { record.text("tier").flatMap(Tier.init(rawValue:)) }
    /// Tier（层级）, to be written.
    public static func tier(_ value: Tier) -> FieldWrite { ("tier", .value(.text(value.rawValue))) }

    /// Organ（机关类别）.
    public var organ: Organ? { record.text("organ").flatMap(Organ.init(rawValue:)) }
    /// Organ（机关类别）, to be written.
    public static func organ(_ value: Organ) -> FieldWrite { ("organ", .value(.text(value.rawValue))) }

    /// Parent unit（上级单位）.
    public var parent: RecordID? { record.reference("parent") }
    /// Parent unit（上级单位）, to be written.
    public static func parent(_ value: RecordID) -> FieldWrite { ("parent", .value(.reference(value))) }

    /// Liaison（联络员）.
    public var liaison: String? { record.text("liaison") }
    /// Liaison（联络员）, to be written.
    public static func liaison(_ value: String) -> FieldWrite { ("liaison", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Person talked with（谈话对象）: a record of type `person`.
public struct PersonRecord: TypedRecord {
    /// `person`
    public static let type: TypeKey = "person"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Rank group（谈话对象类别）.
    public enum RankGroup: String, Sendable, CaseIterable {
        /// Head of county party committee or government（县（市、区）党政主要负责人）
        case countyPartyGovernmentHead = "county_party_government_head"
        /// Head of county discipline body（县（市、区）纪检监察机关主要负责人）
        case countyDisciplineHead = "county_discipline_head"
        /// Head of municipal unit（市级单位主要负责人）
        case municipalUnitHead = "municipal_unit_head"
        /// Head of county congress or consultative conference（县（市、区）人大、政协主要负责人）
        case countyCongressConferenceHead = "county_congress_conference_head"
        /// Head of dispatched agency（派驻（派出）机构主要负责人）
        case dispatchedAgencyHead = "dispatched_agency_head"
        /// Head of county court or procuratorate（县（市、区）审判、检察机关主要负责人）
        case countyCourtProcuratorateHead = "county_court_procuratorate_head"
        /// Member of a county leading group（县（市、区）四套班子成员）
        case countyLeadingMember = "county_leading_member"
        /// Member of a municipal unit's leading group（市级单位班子成员）
        case municipalUnitMember = "municipal_unit_member"
        /// Township party secretary（乡镇（街道）党委书记）
        case townshipPartySecretary = "township_party_secretary"
        /// Other official managed by the city（其他市管干部）
        case otherCityManaged = "other_city_managed"
        /// Head of a county department（县（市、区）直单位主要负责人）
        case countyUnitHead = "county_unit_head"
        /// Outside the listed groups（所列范围以外）
        case outside
    }

    /// The choices of Managed by（管理权限）.
    public enum ManagedBy: String, Sendable, CaseIterable {
        /// The province（省管）
        case province
        /// The city（市管）
        case city
        /// The county（县管）
        case county
        /// Other（其他）
        case other
    }

    /// Name（姓名）.
    public var name: String? { record.text("name") }
    /// Name（姓名）, to be written.
    public static func name(_ value: String) -> FieldWrite { ("name", .value(.text(value))) }

    /// Unit（所在单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（所在单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Post（职务）.
    public var post: String? { record.text("post") }
    /// Post（职务）, to be written.
    public static func post(_ value: String) -> FieldWrite { ("post", .value(.text(value))) }

    /// Rank group（谈话对象类别）.
    public var rankGroup: RankGroup? { record.text("rank_group").flatMap(RankGroup.init(rawValue:)) }
    /// Rank group（谈话对象类别）, to be written.
    public static func rankGroup(_ value: RankGroup) -> FieldWrite { ("rank_group", .value(.text(value.rawValue))) }

    /// Managed by（管理权限）.
    public var managedBy: ManagedBy? { record.text("managed_by").flatMap(ManagedBy.init(rawValue:)) }
    /// Managed by（管理权限）, to be written.
    public static func managedBy(_ value: ManagedBy) -> FieldWrite { ("managed_by", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Engagement（监督任务）: a record of type `engagement`.
public struct EngagementRecord: TypedRecord {
    /// `engagement`
    public static let type: TypeKey = "engagement"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Kind（监督方式）.
    public enum Kind: String, Sendable, CaseIterable {
        /// Resident supervision（蹲点式监督）
        case resident
        /// Patrol inspection（巡察）
        case patrol
        /// Reminder talks with unit heads（提醒谈话）
        case reminderTalks = "reminder_talks"
        /// Democratic-life meeting supervision（民主生活会督导）
        case democraticLifeMeeting = "democratic_life_meeting"
        /// Stationed supervision（派驻监督）
        case stationed
        /// Peer-level supervision（同级监督）
        case peerLevel = "peer_level"
    }

    /// The choices of Mode of stationed supervision（派驻监督形式）.
    public enum Mode: String, Sendable, CaseIterable {
        /// Key（重点监督）
        case key
        /// Daily（日常监督）
        case daily
        /// Assigned（交办监督）
        case assigned
        /// Extended（延伸监督）
        case extended
    }

    /// The choices of Status（进度）.
    public enum Status: String, Sendable, CaseIterable {
        /// Drafting（拟定方案）
        case drafting
        /// Submitted（已报批）
        case submitted
        /// Approved（已批准）
        case approved
        /// Under way（进行中）
        case underWay = "under_way"
        /// Reporting（起草报告）
        case reporting
        /// Closed（已办结）
        case closed
    }

    /// Kind（监督方式）.
    public var kind: Kind? { record.text("kind").flatMap(Kind.init(rawValue:)) }
    /// Kind（监督方式）, to be written.
    public static func kind(_ value: Kind) -> FieldWrite { ("kind", .value(.text(value.rawValue))) }

    /// Mode of stationed supervision（派驻监督形式）.
    public var mode: Mode? { record.text("mode").flatMap(Mode.init(rawValue:)) }
    /// Mode of stationed supervision（派驻监督形式）, to be written.
    public static func mode(_ value: Mode) -> FieldWrite { ("mode", .value(.text(value.rawValue))) }

    /// Title（任务名称）.
    public var title: String? { record.text("title") }
    /// Title（任务名称）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Units（被监督单位）.
    public var units: [RecordID] { record.references("units") }
    /// Units（被监督单位）, to be written.
    public static func units(_ value: [RecordID]) -> FieldWrite { ("units", .elements(value.map { .reference($0) })) }

    /// Team lead（组长）.
    public var lead: String? { record.text("lead") }
    /// Team lead（组长）, to be written.
    public static func lead(_ value: String) -> FieldWrite { ("lead", .value(.text(value))) }

    /// Members（组员）.
    public var members: [String] { record.elements("members").map(\.plainText) }
    /// Members（组员）, to be written.
    public static func members(_ value: [String]) -> FieldWrite { ("members", .elements(value.map { .text($0) })) }

    /// Groups（分组）.
    public var groups: [String] { record.elements("groups").map(\.plainText) }
    /// Groups（分组）, to be written.
    public static func groups(_ value: [String]) -> FieldWrite { ("groups", .elements(value.map { .text($0) })) }

    /// Workplace（驻点地点）.
    public var workplace: String? { record.text("workplace") }
    /// Workplace（驻点地点）, to be written.
    public static func workplace(_ value: String) -> FieldWrite { ("workplace", .value(.text(value))) }

    /// Start（进驻日期）.
    public var start: Day? { record.text("start").flatMap { Day($0) } }
    /// Start（进驻日期）, to be written.
    public static func start(_ value: Day) -> FieldWrite { ("start", .value(.date("\(value)"))) }

    /// Planned end（计划结束日期）.
    public var plannedEnd: Day? { record.text("planned_end").flatMap { Day($0) } }
    /// Planned end（计划结束日期）, to be written.
    public static func plannedEnd(_ value: Day) -> FieldWrite { ("planned_end", .value(.date("\(value)"))) }

    /// Extended to（延长至）.
    public var extendedEnd: Day? { record.text("extended_end").flatMap { Day($0) } }
    /// Extended to（延长至）, to be written.
    public static func extendedEnd(_ value: Day) -> FieldWrite { ("extended_end", .value(.date("\(value)"))) }

    /// Reason for the extension（延长理由）.
    public var extensionReason: String? { record.text("extension_reason") }
    /// Reason for the extension（延长理由）, to be written.
    public static func extensionReason(_ value: String) -> FieldWrite { ("extension_reason", .value(.text(value))) }

    /// Extension approved by（延长批准人）.
    public var extensionApprovedBy: String? { record.text("extension_approved_by") }
    /// Extension approved by（延长批准人）, to be written.
    public static func extensionApprovedBy(_ value: String) -> FieldWrite { ("extension_approved_by", .value(.text(value))) }

    /// Extension approved on（延长批准日期）.
    public var extensionApprovedAt: Day? { record.text("extension_approved_at").flatMap { Day($0) } }
    /// Extension approved on（延长批准日期）, to be written.
    public static func extensionApprovedAt(_ value: Day) -> FieldWrite { ("extension_approved_at", .value(.date("\(value)"))) }

    /// Ended on（实际结束日期）.
    public var endedOn: Day? { record.text("ended_on").flatMap { Day($0) } }
    /// Ended on（实际结束日期）, to be written.
    public static func endedOn(_ value: Day) -> FieldWrite { ("ended_on", .value(.date("\(value)"))) }

    /// Archived on（归档日期）.
    public var archivedOn: Day? { record.text("archived_on").flatMap { Day($0) } }
    /// Archived on（归档日期）, to be written.
    public static func archivedOn(_ value: Day) -> FieldWrite { ("archived_on", .value(.date("\(value)"))) }

    /// Status（进度）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（进度）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Work plan（工作方案）: a record of type `plan`.
public struct PlanRecord: TypedRecord {
    /// `plan`
    public static let type: TypeKey = "plan"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Preparation（工作准备）.
    public var preparation: String? { record.text("preparation") }
    /// Preparation（工作准备）, to be written.
    public static func preparation(_ value: String) -> FieldWrite { ("preparation", .value(.text(value))) }

    /// Coordination（沟通衔接）.
    public var coordination: String? { record.text("coordination") }
    /// Coordination（沟通衔接）, to be written.
    public static func coordination(_ value: String) -> FieldWrite { ("coordination", .value(.text(value))) }

    /// Who talks（谈话主体）.
    public var talkers: String? { record.text("talkers") }
    /// Who talks（谈话主体）, to be written.
    public static func talkers(_ value: String) -> FieldWrite { ("talkers", .value(.text(value))) }

    /// Whom with（对象范围）.
    public var subjects: String? { record.text("subjects") }
    /// Whom with（对象范围）, to be written.
    public static func subjects(_ value: String) -> FieldWrite { ("subjects", .value(.text(value))) }

    /// Principles（主要原则）.
    public var principles: String? { record.text("principles") }
    /// Principles（主要原则）, to be written.
    public static func principles(_ value: String) -> FieldWrite { ("principles", .value(.text(value))) }

    /// Content（主要内容）.
    public var content: String? { record.text("content") }
    /// Content（主要内容）, to be written.
    public static func content(_ value: String) -> FieldWrite { ("content", .value(.text(value))) }

    /// Methods（主要方式）.
    public var methods: String? { record.text("methods") }
    /// Methods（主要方式）, to be written.
    public static func methods(_ value: String) -> FieldWrite { ("methods", .value(.text(value))) }

    /// Use of results（成果运用）.
    public var useOfResults: String? { record.text("use_of_results") }
    /// Use of results（成果运用）, to be written.
    public static func useOfResults(_ value: String) -> FieldWrite { ("use_of_results", .value(.text(value))) }

    /// Submitted by（报批人）.
    public var submittedBy: String? { record.text("submitted_by") }
    /// Submitted by（报批人）, to be written.
    public static func submittedBy(_ value: String) -> FieldWrite { ("submitted_by", .value(.text(value))) }

    /// Submitted on（报批日期）.
    public var submittedAt: Day? { record.text("submitted_at").flatMap { Day($0) } }
    /// Submitted on（报批日期）, to be written.
    public static func submittedAt(_ value: Day) -> FieldWrite { ("submitted_at", .value(.date("\(value)"))) }

    /// Approved by（批准人）.
    public var approvedBy: String? { record.text("approved_by") }
    /// Approved by（批准人）, to be written.
    public static func approvedBy(_ value: String) -> FieldWrite { ("approved_by", .value(.text(value))) }

    /// Approved on（批准日期）.
    public var approvedAt: Day? { record.text("approved_at").flatMap { Day($0) } }
    /// Approved on（批准日期）, to be written.
    public static func approvedAt(_ value: Day) -> FieldWrite { ("approved_at", .value(.date("\(value)"))) }

    /// Remarks（批示与备注）.
    public var remarks: String? { record.text("remarks") }
    /// Remarks（批示与备注）, to be written.
    public static func remarks(_ value: String) -> FieldWrite { ("remarks", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Climate analysis（政治生态分析）: a record of type `climate_analysis`.
public struct ClimateAnalysisRecord: TypedRecord {
    /// `climate_analysis`
    public static let type: TypeKey = "climate_analysis"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Unit（单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Rules（规则方面）.
    public var rules: String? { record.text("rules") }
    /// Rules（规则方面）, to be written.
    public static func rules(_ value: String) -> FieldWrite { ("rules", .value(.text(value))) }

    /// Conduct（风气方面）.
    public var conduct: String? { record.text("conduct") }
    /// Conduct（风气方面）, to be written.
    public static func conduct(_ value: String) -> FieldWrite { ("conduct", .value(.text(value))) }

    /// Direction（导向方面）.
    public var direction: String? { record.text("direction") }
    /// Direction（导向方面）, to be written.
    public static func direction(_ value: String) -> FieldWrite { ("direction", .value(.text(value))) }

    /// Basis（依据）.
    public var basis: String? { record.text("basis") }
    /// Basis（依据）, to be written.
    public static func basis(_ value: String) -> FieldWrite { ("basis", .value(.text(value))) }

    /// Analysed on（分析日期）.
    public var analysedOn: Day? { record.text("analysed_on").flatMap { Day($0) } }
    /// Analysed on（分析日期）, to be written.
    public static func analysedOn(_ value: Day) -> FieldWrite { ("analysed_on", .value(.date("\(value)"))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Material（查阅资料）: a record of type `material`.
public struct MaterialRecord: TypedRecord {
    /// `material`
    public static let type: TypeKey = "material"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Category（类别）.
    public enum Category: String, Sendable, CaseIterable {
        /// Assessment（考核材料）
        case assessment
        /// Petition（信访举报）
        case petition
        /// Earlier inspection findings（以往检查反馈）
        case inspectionFindings = "inspection_findings"
        /// Integrity file（廉政档案）
        case integrityFile = "integrity_file"
        /// Meeting minutes（会议记录）
        case minutes
        /// Duty report（述职述责述廉）
        case dutyReport = "duty_report"
        /// Appointment form（干部任免审批表）
        case appointmentForm = "appointment_form"
        /// Personal-matters report（个人有关事项报告）
        case personalMatters = "personal_matters"
        /// Accounts（财务账目）
        case accounts
        /// Other（其他）
        case other
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（资料名称）.
    public var title: String? { record.text("title") }
    /// Title（资料名称）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Category（类别）.
    public var category: Category? { record.text("category").flatMap(Category.init(rawValue:)) }
    /// Category（类别）, to be written.
    public static func category(_ value: Category) -> FieldWrite { ("category", .value(.text(value.rawValue))) }

    /// From which body（提供单位）.
    public var fromBody: String? { record.text("from_body") }
    /// From which body（提供单位）, to be written.
    public static func fromBody(_ value: String) -> FieldWrite { ("from_body", .value(.text(value))) }

    /// Unit（涉及单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（涉及单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Persons（涉及人员）.
    public var persons: [RecordID] { record.references("persons") }
    /// Persons（涉及人员）, to be written.
    public static func persons(_ value: [RecordID]) -> FieldWrite { ("persons", .elements(value.map { .reference($0) })) }

    /// Read on（查阅日期）.
    public var readOn: Day? { record.text("read_on").flatMap { Day($0) } }
    /// Read on（查阅日期）, to be written.
    public static func readOn(_ value: Day) -> FieldWrite { ("read_on", .value(.date("\(value)"))) }

    /// Read by（查阅人）.
    public var readBy: [String] { record.elements("read_by").map(\.plainText) }
    /// Read by（查阅人）, to be written.
    public static func readBy(_ value: [String]) -> FieldWrite { ("read_by", .elements(value.map { .text($0) })) }

    /// Notes（摘记）.
    public var notes: String? { record.text("notes") }
    /// Notes（摘记）, to be written.
    public static func notes(_ value: String) -> FieldWrite { ("notes", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Material, restricted part（查阅资料（受限部分））: a record of type `material_private`.
public struct MaterialPrivateRecord: TypedRecord {
    /// `material_private`
    public static let type: TypeKey = "material_private"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// Material（查阅资料）.
    public var material: RecordID? { record.reference("material") }
    /// Material（查阅资料）, to be written.
    public static func material(_ value: RecordID) -> FieldWrite { ("material", .value(.reference(value))) }

    /// Notes（摘记）.
    public var notes: String? { record.text("notes") }
    /// Notes（摘记）, to be written.
    public static func notes(_ value: String) -> FieldWrite { ("notes", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Talk outline（谈话提纲）: a record of type `outline`.
public struct OutlineRecord: TypedRecord {
    /// `outline`
    public static let type: TypeKey = "outline"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Kind（类别）.
    public enum Kind: String, Sendable, CaseIterable {
        /// Common（共性提纲）
        case common
        /// Individual（个性提纲）
        case individual
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（提纲名称）.
    public var title: String? { record.text("title") }
    /// Title（提纲名称）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Kind（类别）.
    public var kind: Kind? { record.text("kind").flatMap(Kind.init(rawValue:)) }
    /// Kind（类别）, to be written.
    public static func kind(_ value: Kind) -> FieldWrite { ("kind", .value(.text(value.rawValue))) }

    /// Subject（谈话对象）.
    public var subject: RecordID? { record.reference("subject") }
    /// Subject（谈话对象）, to be written.
    public static func subject(_ value: RecordID) -> FieldWrite { ("subject", .value(.reference(value))) }

    /// Questions and their basis（问题及依据）.
    public var questions: String? { record.text("questions") }
    /// Questions and their basis（问题及依据）, to be written.
    public static func questions(_ value: String) -> FieldWrite { ("questions", .value(.text(value))) }

    /// Handed to (liaison)（收件联络员）.
    public var handedOverTo: String? { record.text("handed_over_to") }
    /// Handed to (liaison)（收件联络员）, to be written.
    public static func handedOverTo(_ value: String) -> FieldWrite { ("handed_over_to", .value(.text(value))) }

    /// Handed to the liaison on（送交联络员日期）.
    public var handedOverAt: Day? { record.text("handed_over_at").flatMap { Day($0) } }
    /// Handed to the liaison on（送交联络员日期）, to be written.
    public static func handedOverAt(_ value: Day) -> FieldWrite { ("handed_over_at", .value(.date("\(value)"))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Talk note（谈话记录）: a record of type `talk`.
public struct TalkRecord: TypedRecord {
    /// `talk`
    public static let type: TypeKey = "talk"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Lead talker's post（主谈人身份）.
    public enum LeadRank: String, Sendable, CaseIterable {
        /// Standing-committee member（常委）
        case standingCommitteeMember = "standing_committee_member"
        /// Commissioner（委员）
        case commissioner
        /// Director of the supervision office（监督检查室主任）
        case officeDirector = "office_director"
        /// Discipline secretary（纪委书记）
        case secretary
        /// Member of the team（谈话组成员）
        case teamMember = "team_member"
    }

    /// The choices of Kind of place（地点类型）.
    public enum PlaceKind: String, Sendable, CaseIterable {
        /// Ground-floor office of the subject's own unit（谈话对象单位一楼办公室）
        case ownGroundFloorOffice = "own_ground_floor_office"
        /// Another room of the subject's own unit（本单位其他房间）
        case ownUnitElsewhere = "own_unit_elsewhere"
        /// Another suitable place（其他适当地方）
        case otherSuitable = "other_suitable"
        /// The discipline body's interview room（纪检监察机关谈话室）
        case disciplineInterviewRoom = "discipline_interview_room"
    }

    /// The choices of Done on the spot（当场所做）.
    public enum OnTheSpot: String, Sendable, CaseIterable {
        /// Rules, discipline and law explained（释规释纪释法）
        case rulesExplained = "rules_explained"
        /// Reminded（提醒）
        case reminded
        /// Criticised and educated（批评教育）
        case criticised
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Draft（草稿）
        case draft
        /// Confirmed（已确认）
        case confirmed
        /// Sealed（已封存）
        case sealed
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Subject（谈话对象）.
    public var subject: RecordID? { record.reference("subject") }
    /// Subject（谈话对象）, to be written.
    public static func subject(_ value: RecordID) -> FieldWrite { ("subject", .value(.reference(value))) }

    /// Which talk with this person（第几次谈话）.
    public var session: Int64? { record.integer("session") }
    /// Which talk with this person（第几次谈话）, to be written.
    public static func session(_ value: Int64) -> FieldWrite { ("session", .value(.integer(value))) }

    /// Lead talker（主谈人）.
    public var lead: String? { record.text("lead") }
    /// Lead talker（主谈人）, to be written.
    public static func lead(_ value: String) -> FieldWrite { ("lead", .value(.text(value))) }

    /// Lead talker's post（主谈人身份）.
    public var leadRank: LeadRank? { record.text("lead_rank").flatMap(LeadRank.init(rawValue:)) }
    /// Lead talker's post（主谈人身份）, to be written.
    public static func leadRank(_ value: LeadRank) -> FieldWrite { ("lead_rank", .value(.text(value.rawValue))) }

    /// Talkers（谈话组成员）.
    public var talkers: [String] { record.elements("talkers").map(\.plainText) }
    /// Talkers（谈话组成员）, to be written.
    public static func talkers(_ value: [String]) -> FieldWrite { ("talkers", .elements(value.map { .text($0) })) }

    /// Recorder（记录人）.
    public var recorder: String? { record.text("recorder") }
    /// Recorder（记录人）, to be written.
    public static func recorder(_ value: String) -> FieldWrite { ("recorder", .value(.text(value))) }

    /// Place（地点）.
    public var place: String? { record.text("place") }
    /// Place（地点）, to be written.
    public static func place(_ value: String) -> FieldWrite { ("place", .value(.text(value))) }

    /// Kind of place（地点类型）.
    public var placeKind: PlaceKind? { record.text("place_kind").flatMap(PlaceKind.init(rawValue:)) }
    /// Kind of place（地点类型）, to be written.
    public static func placeKind(_ value: PlaceKind) -> FieldWrite { ("place_kind", .value(.text(value.rawValue))) }

    /// Start（开始时间）.
    public var start: String? { record.text("start") }
    /// Start（开始时间）, to be written.
    public static func start(_ value: String) -> FieldWrite { ("start", .value(.time(value))) }

    /// End（结束时间）.
    public var end: String? { record.text("end") }
    /// End（结束时间）, to be written.
    public static func end(_ value: String) -> FieldWrite { ("end", .value(.time(value))) }

    /// Outlines used（所用提纲）.
    public var outlines: [RecordID] { record.references("outlines") }
    /// Outlines used（所用提纲）, to be written.
    public static func outlines(_ value: [RecordID]) -> FieldWrite { ("outlines", .elements(value.map { .reference($0) })) }

    /// Growth（成长经历）.
    public var growth: String? { record.text("growth") }
    /// Growth（成长经历）, to be written.
    public static func growth(_ value: String) -> FieldWrite { ("growth", .value(.text(value))) }

    /// Thought and study（思想学习）.
    public var thoughtStudy: String? { record.text("thought_study") }
    /// Thought and study（思想学习）, to be written.
    public static func thoughtStudy(_ value: String) -> FieldWrite { ("thought_study", .value(.text(value))) }

    /// Work（工作情况）.
    public var work: String? { record.text("work") }
    /// Work（工作情况）, to be written.
    public static func work(_ value: String) -> FieldWrite { ("work", .value(.text(value))) }

    /// Responsibility（履责情况）.
    public var responsibility: String? { record.text("responsibility") }
    /// Responsibility（履责情况）, to be written.
    public static func responsibility(_ value: String) -> FieldWrite { ("responsibility", .value(.text(value))) }

    /// The leading group's conduct（班子情况）.
    public var leadingGroup: String? { record.text("leading_group") }
    /// The leading group's conduct（班子情况）, to be written.
    public static func leadingGroup(_ value: String) -> FieldWrite { ("leading_group", .value(.text(value))) }

    /// Advice（意见建议）.
    public var advice: String? { record.text("advice") }
    /// Advice（意见建议）, to be written.
    public static func advice(_ value: String) -> FieldWrite { ("advice", .value(.text(value))) }

    /// Other（其他情况）.
    public var other: String? { record.text("other") }
    /// Other（其他情况）, to be written.
    public static func other(_ value: String) -> FieldWrite { ("other", .value(.text(value))) }

    /// Done on the spot（当场所做）.
    public var onTheSpot: [OnTheSpot] { record.elements("on_the_spot").compactMap { OnTheSpot(rawValue: $0.plainText) } }
    /// Done on the spot（当场所做）, to be written.
    public static func onTheSpot(_ value: [OnTheSpot]) -> FieldWrite {
        ("on_the_spot", .elements(value.map { .text($0.rawValue) }))
    }

    /// What was said on the spot（当场所做说明）.
    public var onTheSpotNote: String? { record.text("on_the_spot_note") }
    /// What was said on the spot（当场所做说明）, to be written.
    public static func onTheSpotNote(_ value: String) -> FieldWrite { ("on_the_spot_note", .value(.text(value))) }

    /// Read by the subject（本人已核阅）.
    public var subjectHasRead: Bool? { record.flag("subject_has_read") }
    /// Read by the subject（本人已核阅）, to be written.
    public static func subjectHasRead(_ value: Bool) -> FieldWrite { ("subject_has_read", .value(.flag(value))) }

    /// The subject's own remarks（本人意见）.
    public var subjectRemarks: String? { record.text("subject_remarks") }
    /// The subject's own remarks（本人意见）, to be written.
    public static func subjectRemarks(_ value: String) -> FieldWrite { ("subject_remarks", .value(.text(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Talk note, restricted part（谈话记录（受限部分））: a record of type `talk_private`.
public struct TalkPrivateRecord: TypedRecord {
    /// `talk_private`
    public static let type: TypeKey = "talk_private"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Draft（草稿）
        case draft
        /// Sealed（已封存）
        case sealed
    }

    /// Talk note（谈话记录）.
    public var talk: RecordID? { record.reference("talk") }
    /// Talk note（谈话记录）, to be written.
    public static func talk(_ value: RecordID) -> FieldWrite { ("talk", .value(.reference(value))) }

    /// Family（家庭情况）.
    public var family: String? { record.text("family") }
    /// Family（家庭情况）, to be written.
    public static func family(_ value: String) -> FieldWrite { ("family", .value(.text(value))) }

    /// Health（健康情况）.
    public var health: String? { record.text("health") }
    /// Health（健康情况）, to be written.
    public static func health(_ value: String) -> FieldWrite { ("health", .value(.text(value))) }

    /// What bears on clues（涉及线索的内容）.
    public var clues: String? { record.text("clues") }
    /// What bears on clues（涉及线索的内容）, to be written.
    public static func clues(_ value: String) -> FieldWrite { ("clues", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }
}

/// Amendment of a talk note（谈话记录更正）: a record of type `amendment`.
public struct AmendmentRecord: TypedRecord {
    /// `amendment`
    public static let type: TypeKey = "amendment"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Draft（草稿）
        case draft
        /// Made, changed no more（已更正，不再改动）
        case made
    }

    /// Talk note（更正的谈话记录）.
    public var talk: RecordID? { record.reference("talk") }
    /// Talk note（更正的谈话记录）, to be written.
    public static func talk(_ value: RecordID) -> FieldWrite { ("talk", .value(.reference(value))) }

    /// Reason（更正理由）.
    public var reason: String? { record.text("reason") }
    /// Reason（更正理由）, to be written.
    public static func reason(_ value: String) -> FieldWrite { ("reason", .value(.text(value))) }

    /// Section（更正哪一部分）.
    public var section: String? { record.text("section") }
    /// Section（更正哪一部分）, to be written.
    public static func section(_ value: String) -> FieldWrite { ("section", .value(.text(value))) }

    /// What is amended（更正内容）.
    public var text: String? { record.text("text") }
    /// What is amended（更正内容）, to be written.
    public static func text(_ value: String) -> FieldWrite { ("text", .value(.text(value))) }

    /// Made by（更正人）.
    public var madeBy: String? { record.text("made_by") }
    /// Made by（更正人）, to be written.
    public static func madeBy(_ value: String) -> FieldWrite { ("made_by", .value(.text(value))) }

    /// Made on（更正日期）.
    public var madeOn: Day? { record.text("made_on").flatMap { Day($0) } }
    /// Made on（更正日期）, to be written.
    public static func madeOn(_ value: Day) -> FieldWrite { ("made_on", .value(.date("\(value)"))) }

    /// The subject has checked it（谈话对象已核对）.
    public var subjectAgrees: Bool? { record.flag("subject_agrees") }
    /// The subject has checked it（谈话对象已核对）, to be written.
    public static func subjectAgrees(_ value: Bool) -> FieldWrite { ("subject_agrees", .value(.flag(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Amendment of a talk note, restricted part（谈话记录更正（受限部分））: a record of type `amendment_private`.
public struct AmendmentPrivateRecord: TypedRecord {
    /// `amendment_private`
    public static let type: TypeKey = "amendment_private"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Draft（草稿）
        case draft
        /// Made, changed no more（已更正，不再改动）
        case made
    }

    /// Talk note（更正的谈话记录）.
    public var talk: RecordID? { record.reference("talk") }
    /// Talk note（更正的谈话记录）, to be written.
    public static func talk(_ value: RecordID) -> FieldWrite { ("talk", .value(.reference(value))) }

    /// Reason（更正理由）.
    public var reason: String? { record.text("reason") }
    /// Reason（更正理由）, to be written.
    public static func reason(_ value: String) -> FieldWrite { ("reason", .value(.text(value))) }

    /// Section（更正哪一部分）.
    public var section: String? { record.text("section") }
    /// Section（更正哪一部分）, to be written.
    public static func section(_ value: String) -> FieldWrite { ("section", .value(.text(value))) }

    /// What is amended（更正内容）.
    public var text: String? { record.text("text") }
    /// What is amended（更正内容）, to be written.
    public static func text(_ value: String) -> FieldWrite { ("text", .value(.text(value))) }

    /// Made by（更正人）.
    public var madeBy: String? { record.text("made_by") }
    /// Made by（更正人）, to be written.
    public static func madeBy(_ value: String) -> FieldWrite { ("made_by", .value(.text(value))) }

    /// Made on（更正日期）.
    public var madeOn: Day? { record.text("made_on").flatMap { Day($0) } }
    /// Made on（更正日期）, to be written.
    public static func madeOn(_ value: Day) -> FieldWrite { ("made_on", .value(.date("\(value)"))) }

    /// The subject has checked it（谈话对象已核对）.
    public var subjectAgrees: Bool? { record.flag("subject_agrees") }
    /// The subject has checked it（谈话对象已核对）, to be written.
    public static func subjectAgrees(_ value: Bool) -> FieldWrite { ("subject_agrees", .value(.flag(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Questionnaire（调查问卷）: a record of type `questionnaire`.
public struct QuestionnaireRecord: TypedRecord {
    /// `questionnaire`
    public static let type: TypeKey = "questionnaire"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Drafting（拟订）
        case drafting
        /// Handed out（已发放）
        case handedOut = "handed_out"
        /// Collected（已收回）
        case collected
        /// Tallied（已统计）
        case tallied
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（问卷名称）.
    public var title: String? { record.text("title") }
    /// Title（问卷名称）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Questions（题目）.
    public var questions: String? { record.text("questions") }
    /// Questions（题目）, to be written.
    public static func questions(_ value: String) -> FieldWrite { ("questions", .value(.text(value))) }

    /// Handed out on（发放日期）.
    public var handedOutOn: Day? { record.text("handed_out_on").flatMap { Day($0) } }
    /// Handed out on（发放日期）, to be written.
    public static func handedOutOn(_ value: Day) -> FieldWrite { ("handed_out_on", .value(.date("\(value)"))) }

    /// Sheets handed out（发放份数）.
    public var handedOut: Int64? { record.integer("handed_out") }
    /// Sheets handed out（发放份数）, to be written.
    public static func handedOut(_ value: Int64) -> FieldWrite { ("handed_out", .value(.integer(value))) }

    /// Place（发放地点）.
    public var place: String? { record.text("place") }
    /// Place（发放地点）, to be written.
    public static func place(_ value: String) -> FieldWrite { ("place", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }
}

/// Answer sheet（答卷）: a record of type `answer_sheet`.
public struct AnswerSheetRecord: TypedRecord {
    /// `answer_sheet`
    public static let type: TypeKey = "answer_sheet"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// Questionnaire（问卷）.
    public var questionnaire: RecordID? { record.reference("questionnaire") }
    /// Questionnaire（问卷）, to be written.
    public static func questionnaire(_ value: RecordID) -> FieldWrite { ("questionnaire", .value(.reference(value))) }

    /// Sheet（答卷编号）.
    public var sheet: String? { record.text("sheet") }
    /// Sheet（答卷编号）, to be written.
    public static func sheet(_ value: String) -> FieldWrite { ("sheet", .value(.text(value))) }

    /// Answered yes（答“是”的题号）.
    public var yes: [String] { record.elements("yes").map(\.plainText) }
    /// Answered yes（答“是”的题号）, to be written.
    public static func yes(_ value: [String]) -> FieldWrite { ("yes", .elements(value.map { .text($0) })) }

    /// Answered no（答“否”的题号）.
    public var no: [String] { record.elements("no").map(\.plainText) }
    /// Answered no（答“否”的题号）, to be written.
    public static func no(_ value: [String]) -> FieldWrite { ("no", .elements(value.map { .text($0) })) }

    /// Accounts（说明）.
    public var accounts: String? { record.text("accounts") }
    /// Accounts（说明）, to be written.
    public static func accounts(_ value: String) -> FieldWrite { ("accounts", .value(.text(value))) }

    /// Entered on（录入日期）.
    public var enteredOn: Day? { record.text("entered_on").flatMap { Day($0) } }
    /// Entered on（录入日期）, to be written.
    public static func enteredOn(_ value: Day) -> FieldWrite { ("entered_on", .value(.date("\(value)"))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Evening meeting（碰头会）: a record of type `evening_meeting`.
public struct EveningMeetingRecord: TypedRecord {
    /// `evening_meeting`
    public static let type: TypeKey = "evening_meeting"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Gathering（汇总中）
        case gathering
        /// Listed（清单已定）
        case listed
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Date（日期）.
    public var date: Day? { record.text("date").flatMap { Day($0) } }
    /// Date（日期）, to be written.
    public static func date(_ value: Day) -> FieldWrite { ("date", .value(.date("\(value)"))) }

    /// Groups（到会各组）.
    public var groups: [String] { record.elements("groups").map(\.plainText) }
    /// Groups（到会各组）, to be written.
    public static func groups(_ value: [String]) -> FieldWrite { ("groups", .elements(value.map { .text($0) })) }

    /// Present（到会人员）.
    public var present: [String] { record.elements("present").map(\.plainText) }
    /// Present（到会人员）, to be written.
    public static func present(_ value: [String]) -> FieldWrite { ("present", .elements(value.map { .text($0) })) }

    /// What the groups report（各组汇报）.
    public var reports: String? { record.text("reports") }
    /// What the groups report（各组汇报）, to be written.
    public static func reports(_ value: String) -> FieldWrite { ("reports", .value(.text(value))) }

    /// Findings of the day（当天的问题）.
    public var findings: [RecordID] { record.references("findings") }
    /// Findings of the day（当天的问题）, to be written.
    public static func findings(_ value: [RecordID]) -> FieldWrite { ("findings", .elements(value.map { .reference($0) })) }

    /// Discussion（讨论情况）.
    public var discussion: String? { record.text("discussion") }
    /// Discussion（讨论情况）, to be written.
    public static func discussion(_ value: String) -> FieldWrite { ("discussion", .value(.text(value))) }

    /// Problem list of the night（当晚问题清单）.
    public var problemList: String? { record.text("problem_list") }
    /// Problem list of the night（当晚问题清单）, to be written.
    public static func problemList(_ value: String) -> FieldWrite { ("problem_list", .value(.text(value))) }

    /// Next day（次日安排）.
    public var nextDay: String? { record.text("next_day") }
    /// Next day（次日安排）, to be written.
    public static func nextDay(_ value: String) -> FieldWrite { ("next_day", .value(.text(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Finding（问题）: a record of type `finding`.
public struct FindingRecord: TypedRecord {
    /// `finding`
    public static let type: TypeKey = "finding"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Aspect（方面）.
    public enum Aspect: String, Sendable, CaseIterable {
        /// Policy carried out（决策部署贯彻落实）
        case policy
        /// Democratic centralism（民主集中制）
        case democraticCentralism = "democratic_centralism"
        /// The four malpractices（四风）
        case fourConducts = "four_conducts"
        /// Breaches of discipline and law（违纪违法）
        case breachesOfDiscipline = "breaches_of_discipline"
        /// Appointments（选人用人）
        case appointments
        /// Administrative enforcement（行政执法）
        case enforcement
        /// Other（其他）
        case other
    }

    /// The choices of Nature（性质）.
    public enum Nature: String, Sendable, CaseIterable {
        /// General（一般性问题）
        case general
        /// Early sign（苗头性、倾向性问题）
        case earlySign = "early_sign"
    }

    /// The choices of Which of the four forms（四种形态）.
    public enum Form: String, Sendable, CaseIterable {
        /// First form（第一种形态）
        case first
        /// Second form（第二种形态）
        case second
        /// Third form（第三种形态）
        case third
        /// Fourth form（第四种形态）
        case fourth
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Noted（已记录）
        case noted
        /// Being checked（核实中）
        case beingChecked = "being_checked"
        /// Confirmed（已核实）
        case confirmed
        /// Not confirmed（不成立）
        case notConfirmed = "not_confirmed"
        /// Disposed of（已处置）
        case disposed
    }

    /// The choices of Disposition（处置方式）.
    public enum Disposition: String, Sendable, CaseIterable {
        /// To the supervised unit's party committee（转被监督单位党委（党组））
        case partyCommittee = "party_committee"
        /// Reminder on the spot（当场提醒）
        case reminder
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（问题概述）.
    public var title: String? { record.text("title") }
    /// Title（问题概述）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Account（问题表述）.
    public var account: String? { record.text("account") }
    /// Account（问题表述）, to be written.
    public static func account(_ value: String) -> FieldWrite { ("account", .value(.text(value))) }

    /// Aspect（方面）.
    public var aspect: Aspect? { record.text("aspect").flatMap(Aspect.init(rawValue:)) }
    /// Aspect（方面）, to be written.
    public static func aspect(_ value: Aspect) -> FieldWrite { ("aspect", .value(.text(value.rawValue))) }

    /// Nature（性质）.
    public var nature: Nature? { record.text("nature").flatMap(Nature.init(rawValue:)) }
    /// Nature（性质）, to be written.
    public static func nature(_ value: Nature) -> FieldWrite { ("nature", .value(.text(value.rawValue))) }

    /// Which of the four forms（四种形态）.
    public var form: Form? { record.text("form").flatMap(Form.init(rawValue:)) }
    /// Which of the four forms（四种形态）, to be written.
    public static func form(_ value: Form) -> FieldWrite { ("form", .value(.text(value.rawValue))) }

    /// Unit（所属单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（所属单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Persons（涉及人员）.
    public var persons: [RecordID] { record.references("persons") }
    /// Persons（涉及人员）, to be written.
    public static func persons(_ value: [RecordID]) -> FieldWrite { ("persons", .elements(value.map { .reference($0) })) }

    /// Found on（发现日期）.
    public var foundOn: Day? { record.text("found_on").flatMap { Day($0) } }
    /// Found on（发现日期）, to be written.
    public static func foundOn(_ value: Day) -> FieldWrite { ("found_on", .value(.date("\(value)"))) }

    /// Evidence: talks（谈话印证）.
    public var talks: [RecordID] { record.references("talks") }
    /// Evidence: talks（谈话印证）, to be written.
    public static func talks(_ value: [RecordID]) -> FieldWrite { ("talks", .elements(value.map { .reference($0) })) }

    /// Evidence: materials（资料印证）.
    public var materials: [RecordID] { record.references("materials") }
    /// Evidence: materials（资料印证）, to be written.
    public static func materials(_ value: [RecordID]) -> FieldWrite { ("materials", .elements(value.map { .reference($0) })) }

    /// Evidence: answer sheets（问卷印证）.
    public var answerSheets: [RecordID] { record.references("answer_sheets") }
    /// Evidence: answer sheets（问卷印证）, to be written.
    public static func answerSheets(_ value: [RecordID]) -> FieldWrite {
        ("answer_sheets", .elements(value.map { .reference($0) }))
    }

    /// Other evidence（其他依据）.
    public var evidenceNote: String? { record.text("evidence_note") }
    /// Other evidence（其他依据）, to be written.
    public static func evidenceNote(_ value: String) -> FieldWrite { ("evidence_note", .value(.text(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Disposition（处置方式）.
    public var disposition: Disposition? { record.text("disposition").flatMap(Disposition.init(rawValue:)) }
    /// Disposition（处置方式）, to be written.
    public static func disposition(_ value: Disposition) -> FieldWrite { ("disposition", .value(.text(value.rawValue))) }

    /// Disposed of on（处置日期）.
    public var dispositionDate: Day? { record.text("disposition_date").flatMap { Day($0) } }
    /// Disposed of on（处置日期）, to be written.
    public static func dispositionDate(_ value: Day) -> FieldWrite { ("disposition_date", .value(.date("\(value)"))) }

    /// Recipient（接收单位（人））.
    public var dispositionRecipient: String? { record.text("disposition_recipient") }
    /// Recipient（接收单位（人））, to be written.
    public static func dispositionRecipient(_ value: String) -> FieldWrite { ("disposition_recipient", .value(.text(value))) }

    /// Document number（文号）.
    public var documentNumber: String? { record.text("document_number") }
    /// Document number（文号）, to be written.
    public static func documentNumber(_ value: String) -> FieldWrite { ("document_number", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Clue（问题线索）: a record of type `clue`.
public struct ClueRecord: TypedRecord {
    /// `clue`
    public static let type: TypeKey = "clue"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Aspect（方面）.
    public enum Aspect: String, Sendable, CaseIterable {
        /// Policy carried out（决策部署贯彻落实）
        case policy
        /// Democratic centralism（民主集中制）
        case democraticCentralism = "democratic_centralism"
        /// The four malpractices（四风）
        case fourConducts = "four_conducts"
        /// Breaches of discipline and law（违纪违法）
        case breachesOfDiscipline = "breaches_of_discipline"
        /// Appointments（选人用人）
        case appointments
        /// Administrative enforcement（行政执法）
        case enforcement
        /// Other（其他）
        case other
    }

    /// The choices of Which of the four forms（四种形态）.
    public enum Form: String, Sendable, CaseIterable {
        /// First form（第一种形态）
        case first
        /// Second form（第二种形态）
        case second
        /// Third form（第三种形态）
        case third
        /// Fourth form（第四种形态）
        case fourth
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Noted（已记录）
        case noted
        /// Agreed by the team（已集体研判）
        case agreed
        /// Handed over（已移送）
        case handedOver = "handed_over"
        /// Withdrawn（已撤回）
        case withdrawn
    }

    /// The choices of Disposition（处置方式）.
    public enum Disposition: String, Sendable, CaseIterable {
        /// To the case supervision office（移送案件监督管理室）
        case caseSupervisionOffice = "case_supervision_office"
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（线索概述）.
    public var title: String? { record.text("title") }
    /// Title（线索概述）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Account（线索表述）.
    public var account: String? { record.text("account") }
    /// Account（线索表述）, to be written.
    public static func account(_ value: String) -> FieldWrite { ("account", .value(.text(value))) }

    /// Aspect（方面）.
    public var aspect: Aspect? { record.text("aspect").flatMap(Aspect.init(rawValue:)) }
    /// Aspect（方面）, to be written.
    public static func aspect(_ value: Aspect) -> FieldWrite { ("aspect", .value(.text(value.rawValue))) }

    /// Which of the four forms（四种形态）.
    public var form: Form? { record.text("form").flatMap(Form.init(rawValue:)) }
    /// Which of the four forms（四种形态）, to be written.
    public static func form(_ value: Form) -> FieldWrite { ("form", .value(.text(value.rawValue))) }

    /// Unit（所属单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（所属单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Persons（涉及人员）.
    public var persons: [RecordID] { record.references("persons") }
    /// Persons（涉及人员）, to be written.
    public static func persons(_ value: [RecordID]) -> FieldWrite { ("persons", .elements(value.map { .reference($0) })) }

    /// Found on（发现日期）.
    public var foundOn: Day? { record.text("found_on").flatMap { Day($0) } }
    /// Found on（发现日期）, to be written.
    public static func foundOn(_ value: Day) -> FieldWrite { ("found_on", .value(.date("\(value)"))) }

    /// Evidence: talks（谈话印证）.
    public var talks: [RecordID] { record.references("talks") }
    /// Evidence: talks（谈话印证）, to be written.
    public static func talks(_ value: [RecordID]) -> FieldWrite { ("talks", .elements(value.map { .reference($0) })) }

    /// Evidence: materials（资料印证）.
    public var materials: [RecordID] { record.references("materials") }
    /// Evidence: materials（资料印证）, to be written.
    public static func materials(_ value: [RecordID]) -> FieldWrite { ("materials", .elements(value.map { .reference($0) })) }

    /// Evidence: answer sheets（问卷印证）.
    public var answerSheets: [RecordID] { record.references("answer_sheets") }
    /// Evidence: answer sheets（问卷印证）, to be written.
    public static func answerSheets(_ value: [RecordID]) -> FieldWrite {
        ("answer_sheets", .elements(value.map { .reference($0) }))
    }

    /// Other evidence（其他依据）.
    public var evidenceNote: String? { record.text("evidence_note") }
    /// Other evidence（其他依据）, to be written.
    public static func evidenceNote(_ value: String) -> FieldWrite { ("evidence_note", .value(.text(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Disposition（处置方式）.
    public var disposition: Disposition? { record.text("disposition").flatMap(Disposition.init(rawValue:)) }
    /// Disposition（处置方式）, to be written.
    public static func disposition(_ value: Disposition) -> FieldWrite { ("disposition", .value(.text(value.rawValue))) }

    /// Handed over on（移送日期）.
    public var dispositionDate: Day? { record.text("disposition_date").flatMap { Day($0) } }
    /// Handed over on（移送日期）, to be written.
    public static func dispositionDate(_ value: Day) -> FieldWrite { ("disposition_date", .value(.date("\(value)"))) }

    /// Received by（接收人）.
    public var dispositionRecipient: String? { record.text("disposition_recipient") }
    /// Received by（接收人）, to be written.
    public static func dispositionRecipient(_ value: String) -> FieldWrite { ("disposition_recipient", .value(.text(value))) }

    /// Document number（文号）.
    public var documentNumber: String? { record.text("document_number") }
    /// Document number（文号）, to be written.
    public static func documentNumber(_ value: String) -> FieldWrite { ("document_number", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Card or letter（两卡一书）: a record of type `letter`.
public struct LetterRecord: TypedRecord {
    /// `letter`
    public static let type: TypeKey = "letter"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Kind（种类）.
    public enum Kind: String, Sendable, CaseIterable {
        /// Work reminder card（工作提醒卡）
        case workReminder = "work_reminder"
        /// Integrity supervision card（廉政监督卡）
        case integritySupervision = "integrity_supervision"
        /// Rectification letter（整改建议书）
        case rectificationLetter = "rectification_letter"
        /// Discipline advice letter（纪检监察建议书）
        case disciplineAdvice = "discipline_advice"
    }

    /// The choices of Verdict on the reply（对回复的评价）.
    public enum Verdict: String, Sendable, CaseIterable {
        /// Accepted（认可）
        case accepted
        /// Sent back（退回重报）
        case returned
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Draft（草稿）
        case draft
        /// Ready for a number（待编号）
        case ready
        /// Issued（已发出）
        case issued
        /// Replied（已回复）
        case replied
        /// Closed（已办结）
        case closed
        /// Voided（已作废）
        case voided
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Kind（种类）.
    public var kind: Kind? { record.text("kind").flatMap(Kind.init(rawValue:)) }
    /// Kind（种类）, to be written.
    public static func kind(_ value: Kind) -> FieldWrite { ("kind", .value(.text(value.rawValue))) }

    /// Number（编号）.
    public var number: String? { record.text("number") }

    /// Recipient: unit（接收单位）.
    public var recipientUnit: RecordID? { record.reference("recipient_unit") }
    /// Recipient: unit（接收单位）, to be written.
    public static func recipientUnit(_ value: RecordID) -> FieldWrite { ("recipient_unit", .value(.reference(value))) }

    /// Recipient: person（接收人）.
    public var recipientPerson: RecordID? { record.reference("recipient_person") }
    /// Recipient: person（接收人）, to be written.
    public static func recipientPerson(_ value: RecordID) -> FieldWrite { ("recipient_person", .value(.reference(value))) }

    /// Matter（事由）.
    public var matter: String? { record.text("matter") }
    /// Matter（事由）, to be written.
    public static func matter(_ value: String) -> FieldWrite { ("matter", .value(.text(value))) }

    /// Findings it answers（针对的问题）.
    public var findings: [RecordID] { record.references("findings") }
    /// Findings it answers（针对的问题）, to be written.
    public static func findings(_ value: [RecordID]) -> FieldWrite { ("findings", .elements(value.map { .reference($0) })) }

    /// Account（情况）.
    public var account: String? { record.text("account") }
    /// Account（情况）, to be written.
    public static func account(_ value: String) -> FieldWrite { ("account", .value(.text(value))) }

    /// What is asked（要求）.
    public var asks: String? { record.text("asks") }
    /// What is asked（要求）, to be written.
    public static func asks(_ value: String) -> FieldWrite { ("asks", .value(.text(value))) }

    /// Issued by（签发人）.
    public var issuedBy: String? { record.text("issued_by") }
    /// Issued by（签发人）, to be written.
    public static func issuedBy(_ value: String) -> FieldWrite { ("issued_by", .value(.text(value))) }

    /// Issued on（发出日期）.
    public var issuedAt: Day? { record.text("issued_at").flatMap { Day($0) } }
    /// Issued on（发出日期）, to be written.
    public static func issuedAt(_ value: Day) -> FieldWrite { ("issued_at", .value(.date("\(value)"))) }

    /// Reply within, working days（回复期限（工作日））.
    public var replyWithin: Int64? { record.integer("reply_within") }
    /// Reply within, working days（回复期限（工作日））, to be written.
    public static func replyWithin(_ value: Int64) -> FieldWrite { ("reply_within", .value(.integer(value))) }

    /// Reply（回复）.
    public var reply: String? { record.text("reply") }
    /// Reply（回复）, to be written.
    public static func reply(_ value: String) -> FieldWrite { ("reply", .value(.text(value))) }

    /// Replied on（回复日期）.
    public var repliedAt: Day? { record.text("replied_at").flatMap { Day($0) } }
    /// Replied on（回复日期）, to be written.
    public static func repliedAt(_ value: Day) -> FieldWrite { ("replied_at", .value(.date("\(value)"))) }

    /// Verdict on the reply（对回复的评价）.
    public var verdict: Verdict? { record.text("verdict").flatMap(Verdict.init(rawValue:)) }
    /// Verdict on the reply（对回复的评价）, to be written.
    public static func verdict(_ value: Verdict) -> FieldWrite { ("verdict", .value(.text(value.rawValue))) }

    /// Verdict, in words（评价说明）.
    public var verdictNote: String? { record.text("verdict_note") }
    /// Verdict, in words（评价说明）, to be written.
    public static func verdictNote(_ value: String) -> FieldWrite { ("verdict_note", .value(.text(value))) }

    /// Sent back on（退回日期）.
    public var returnedOn: Day? { record.text("returned_on").flatMap { Day($0) } }
    /// Sent back on（退回日期）, to be written.
    public static func returnedOn(_ value: Day) -> FieldWrite { ("returned_on", .value(.date("\(value)"))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Why it was voided（作废原因）.
    public var voidReason: String? { record.text("void_reason") }
    /// Why it was voided（作废原因）, to be written.
    public static func voidReason(_ value: String) -> FieldWrite { ("void_reason", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Rectification（整改台账）: a record of type `rectification`.
public struct RectificationRecord: TypedRecord {
    /// `rectification`
    public static let type: TypeKey = "rectification"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of State（状态）.
    public enum State: String, Sendable, CaseIterable {
        /// Open（未开始）
        case open
        /// Under way（整改中）
        case underWay = "under_way"
        /// Done（已完成）
        case done
        /// Verified（已查验）
        case verified
        /// Perfunctory（敷衍整改）
        case perfunctory
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Unit（单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Finding（问题）.
    public var finding: RecordID? { record.reference("finding") }
    /// Finding（问题）, to be written.
    public static func finding(_ value: RecordID) -> FieldWrite { ("finding", .value(.reference(value))) }

    /// From the card or letter（来自卡或书）.
    public var letter: RecordID? { record.reference("letter") }
    /// From the card or letter（来自卡或书）, to be written.
    public static func letter(_ value: RecordID) -> FieldWrite { ("letter", .value(.reference(value))) }

    /// Measure（整改措施）.
    public var measure: String? { record.text("measure") }
    /// Measure（整改措施）, to be written.
    public static func measure(_ value: String) -> FieldWrite { ("measure", .value(.text(value))) }

    /// Responsible（责任人）.
    public var responsible: String? { record.text("responsible") }
    /// Responsible（责任人）, to be written.
    public static func responsible(_ value: String) -> FieldWrite { ("responsible", .value(.text(value))) }

    /// Opened on（立账日期）.
    public var openedOn: Day? { record.text("opened_on").flatMap { Day($0) } }
    /// Opened on（立账日期）, to be written.
    public static func openedOn(_ value: Day) -> FieldWrite { ("opened_on", .value(.date("\(value)"))) }

    /// Deadline（完成期限）.
    public var deadline: Day? { record.text("deadline").flatMap { Day($0) } }
    /// Deadline（完成期限）, to be written.
    public static func deadline(_ value: Day) -> FieldWrite { ("deadline", .value(.date("\(value)"))) }

    /// Progress（进展）.
    public var progress: String? { record.text("progress") }
    /// Progress（进展）, to be written.
    public static func progress(_ value: String) -> FieldWrite { ("progress", .value(.text(value))) }

    /// Done on（完成日期）.
    public var doneOn: Day? { record.text("done_on").flatMap { Day($0) } }
    /// Done on（完成日期）, to be written.
    public static func doneOn(_ value: Day) -> FieldWrite { ("done_on", .value(.date("\(value)"))) }

    /// Verification（查验情况）.
    public var verification: String? { record.text("verification") }
    /// Verification（查验情况）, to be written.
    public static func verification(_ value: String) -> FieldWrite { ("verification", .value(.text(value))) }

    /// Verified by（查验人）.
    public var verifiedBy: String? { record.text("verified_by") }
    /// Verified by（查验人）, to be written.
    public static func verifiedBy(_ value: String) -> FieldWrite { ("verified_by", .value(.text(value))) }

    /// Verified on（查验日期）.
    public var verifiedOn: Day? { record.text("verified_on").flatMap { Day($0) } }
    /// Verified on（查验日期）, to be written.
    public static func verifiedOn(_ value: Day) -> FieldWrite { ("verified_on", .value(.date("\(value)"))) }

    /// State（状态）.
    public var state: State? { record.text("state").flatMap(State.init(rawValue:)) }
    /// State（状态）, to be written.
    public static func state(_ value: State) -> FieldWrite { ("state", .value(.text(value.rawValue))) }

    /// Accountability（问责情况）.
    public var accountability: String? { record.text("accountability") }
    /// Accountability（问责情况）, to be written.
    public static func accountability(_ value: String) -> FieldWrite { ("accountability", .value(.text(value))) }

    /// Accountability on（问责日期）.
    public var accountabilityOn: Day? { record.text("accountability_on").flatMap { Day($0) } }
    /// Accountability on（问责日期）, to be written.
    public static func accountabilityOn(_ value: Day) -> FieldWrite { ("accountability_on", .value(.date("\(value)"))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Activity（监督活动）: a record of type `activity`.
public struct ActivityRecord: TypedRecord {
    /// `activity`
    public static let type: TypeKey = "activity"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Kind（种类）.
    public enum Kind: String, Sendable, CaseIterable {
        /// Meeting attended（列席会议）
        case meetingAttended = "meeting_attended"
        /// Integrity inquiry（廉政问询）
        case integrityInquiry = "integrity_inquiry"
        /// Appointment vetting（选人用人审核）
        case appointmentVetting = "appointment_vetting"
        /// Directive（工作批示）
        case directive
        /// Briefing heard（听取汇报）
        case briefing
        /// Self-report（个人有关事项报告）
        case selfReport = "self_report"
        /// Statement at a meeting（会上说明）
        case statement
        /// Work-log review（工作日志纪实）
        case workLogReview = "work_log_review"
        /// Duty review（述责述廉评议）
        case dutyReview = "duty_review"
        /// Rule built（建章立制）
        case ruleBuilt = "rule_built"
        /// Project follow-up（工程项目跟踪）
        case projectFollowUp = "project_follow_up"
        /// Warning education（警示教育）
        case warningEducation = "warning_education"
        /// Site visit（实地走访）
        case siteVisit = "site_visit"
    }

    /// The choices of Stage of the project（项目阶段）.
    public enum Stage: String, Sendable, CaseIterable {
        /// Research（调研）
        case research
        /// Plan（计划）
        case plan
        /// Execution（实施）
        case execution
        /// Acceptance（验收）
        case acceptance
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Kind（种类）.
    public var kind: Kind? { record.text("kind").flatMap(Kind.init(rawValue:)) }
    /// Kind（种类）, to be written.
    public static func kind(_ value: Kind) -> FieldWrite { ("kind", .value(.text(value.rawValue))) }

    /// Title（名称）.
    public var title: String? { record.text("title") }
    /// Title（名称）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Date（日期）.
    public var date: Day? { record.text("date").flatMap { Day($0) } }
    /// Date（日期）, to be written.
    public static func date(_ value: Day) -> FieldWrite { ("date", .value(.date("\(value)"))) }

    /// Unit（单位）.
    public var unit: RecordID? { record.reference("unit") }
    /// Unit（单位）, to be written.
    public static func unit(_ value: RecordID) -> FieldWrite { ("unit", .value(.reference(value))) }

    /// Persons（涉及人员）.
    public var persons: [RecordID] { record.references("persons") }
    /// Persons（涉及人员）, to be written.
    public static func persons(_ value: [RecordID]) -> FieldWrite { ("persons", .elements(value.map { .reference($0) })) }

    /// By whom（由谁）.
    public var by: String? { record.text("by") }
    /// By whom（由谁）, to be written.
    public static func by(_ value: String) -> FieldWrite { ("by", .value(.text(value))) }

    /// Number of persons（人数）.
    public var count: Int64? { record.integer("count") }
    /// Number of persons（人数）, to be written.
    public static func count(_ value: Int64) -> FieldWrite { ("count", .value(.integer(value))) }

    /// Stage of the project（项目阶段）.
    public var stage: Stage? { record.text("stage").flatMap(Stage.init(rawValue:)) }
    /// Stage of the project（项目阶段）, to be written.
    public static func stage(_ value: Stage) -> FieldWrite { ("stage", .value(.text(value.rawValue))) }

    /// A major matter（属三重一大）.
    public var majorMatter: Bool? { record.flag("major_matter") }
    /// A major matter（属三重一大）, to be written.
    public static func majorMatter(_ value: Bool) -> FieldWrite { ("major_matter", .value(.flag(value))) }

    /// Content（内容）.
    public var content: String? { record.text("content") }
    /// Content（内容）, to be written.
    public static func content(_ value: String) -> FieldWrite { ("content", .value(.text(value))) }

    /// Outcome（结果）.
    public var outcome: String? { record.text("outcome") }
    /// Outcome（结果）, to be written.
    public static func outcome(_ value: String) -> FieldWrite { ("outcome", .value(.text(value))) }

    /// Document or rule（文号或制度名称）.
    public var document: String? { record.text("document") }
    /// Document or rule（文号或制度名称）, to be written.
    public static func document(_ value: String) -> FieldWrite { ("document", .value(.text(value))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Report（情况报告）: a record of type `report`.
public struct ReportRecord: TypedRecord {
    /// `report`
    public static let type: TypeKey = "report"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// The choices of Status（状态）.
    public enum Status: String, Sendable, CaseIterable {
        /// Drafting（起草）
        case drafting
        /// Submitted（已呈报）
        case submitted
        /// Filed（已备案）
        case filed
    }

    /// The choices of Filed with（报送备案）.
    public enum FiledWith: String, Sendable, CaseIterable {
        /// Organisation department（组织部门）
        case organisationDepartment = "organisation_department"
        /// Party conduct office（党风政风监督室）
        case conductOffice = "conduct_office"
        /// Other（其他）
        case other
    }

    /// Engagement（监督任务）.
    public var engagement: RecordID? { record.reference("engagement") }
    /// Engagement（监督任务）, to be written.
    public static func engagement(_ value: RecordID) -> FieldWrite { ("engagement", .value(.reference(value))) }

    /// Title（标题）.
    public var title: String? { record.text("title") }
    /// Title（标题）, to be written.
    public static func title(_ value: String) -> FieldWrite { ("title", .value(.text(value))) }

    /// Overview（基本情况）.
    public var overview: String? { record.text("overview") }
    /// Overview（基本情况）, to be written.
    public static func overview(_ value: String) -> FieldWrite { ("overview", .value(.text(value))) }

    /// Climate（政治生态）.
    public var climate: String? { record.text("climate") }
    /// Climate（政治生态）, to be written.
    public static func climate(_ value: String) -> FieldWrite { ("climate", .value(.text(value))) }

    /// Talks（谈话情况）.
    public var talks: String? { record.text("talks") }
    /// Talks（谈话情况）, to be written.
    public static func talks(_ value: String) -> FieldWrite { ("talks", .value(.text(value))) }

    /// Findings（发现的问题）.
    public var findings: String? { record.text("findings") }
    /// Findings（发现的问题）, to be written.
    public static func findings(_ value: String) -> FieldWrite { ("findings", .value(.text(value))) }

    /// Dispositions（处置情况）.
    public var dispositions: String? { record.text("dispositions") }
    /// Dispositions（处置情况）, to be written.
    public static func dispositions(_ value: String) -> FieldWrite { ("dispositions", .value(.text(value))) }

    /// Suggestions（意见建议）.
    public var suggestions: String? { record.text("suggestions") }
    /// Suggestions（意见建议）, to be written.
    public static func suggestions(_ value: String) -> FieldWrite { ("suggestions", .value(.text(value))) }

    /// Problem list（问题清单）.
    public var problemList: String? { record.text("problem_list") }
    /// Problem list（问题清单）, to be written.
    public static func problemList(_ value: String) -> FieldWrite { ("problem_list", .value(.text(value))) }

    /// Status（状态）.
    public var status: Status? { record.text("status").flatMap(Status.init(rawValue:)) }
    /// Status（状态）, to be written.
    public static func status(_ value: Status) -> FieldWrite { ("status", .value(.text(value.rawValue))) }

    /// Submitted on（呈报日期）.
    public var submittedOn: Day? { record.text("submitted_on").flatMap { Day($0) } }
    /// Submitted on（呈报日期）, to be written.
    public static func submittedOn(_ value: Day) -> FieldWrite { ("submitted_on", .value(.date("\(value)"))) }

    /// Filed with（报送备案）.
    public var filedWith: [FiledWith] { record.elements("filed_with").compactMap { FiledWith(rawValue: $0.plainText) } }
    /// Filed with（报送备案）, to be written.
    public static func filedWith(_ value: [FiledWith]) -> FieldWrite {
        ("filed_with", .elements(value.map { .text($0.rawValue) }))
    }

    /// Filed on（备案日期）.
    public var filedOn: Day? { record.text("filed_on").flatMap { Day($0) } }
    /// Filed on（备案日期）, to be written.
    public static func filedOn(_ value: Day) -> FieldWrite { ("filed_on", .value(.date("\(value)"))) }

    /// Attachments（附件）.
    public var attachments: [RecordID] { record.references("attachments") }
    /// Attachments（附件）, to be written.
    public static func attachments(_ value: [RecordID]) -> FieldWrite {
        ("attachments", .elements(value.map { .reference($0) }))
    }
}

/// Attachment（附件）: a record of type `attachment`.
public struct AttachmentRecord: TypedRecord {
    /// `attachment`
    public static let type: TypeKey = "attachment"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// Name（名称）.
    public var name: String? { record.text("name") }
    /// Name（名称）, to be written.
    public static func name(_ value: String) -> FieldWrite { ("name", .value(.text(value))) }

    /// Media type（媒体类型）.
    public var mediaType: String? { record.text("media_type") }
    /// Media type（媒体类型）, to be written.
    public static func mediaType(_ value: String) -> FieldWrite { ("media_type", .value(.text(value))) }

    /// Size, bytes（大小（字节））.
    public var size: Int64? { record.integer("size") }

    /// SHA-256（SHA-256）.
    public var sha256: String? { record.text("sha256") }

    /// Taken at（拍摄或形成时间）.
    public var takenAt: String? { record.text("taken_at") }
    /// Taken at（拍摄或形成时间）, to be written.
    public static func takenAt(_ value: String) -> FieldWrite { ("taken_at", .value(.time(value))) }

    /// Note（说明）.
    public var note: String? { record.text("note") }
    /// Note（说明）, to be written.
    public static func note(_ value: String) -> FieldWrite { ("note", .value(.text(value))) }
}

/// Answer to advice（对提示的答复）: a record of type `advice_answer`.
public struct AdviceAnswerRecord: TypedRecord {
    /// `advice_answer`
    public static let type: TypeKey = "advice_answer"
    /// What it is a view of.
    public let record: Record
    /// Nil if the record is of another type.
    public init?(_ record: Record) {
        guard record.type == Self.type else { return nil }
        self.record = record
    }

    /// About which record（关于哪条记录）.
    public var recordRecord: RecordID? { record.reference("record") }
    /// About which record（关于哪条记录）, to be written.
    public static func recordRecord(_ value: RecordID) -> FieldWrite { ("record", .value(.reference(value))) }

    /// Which rule（哪条规定）.
    public var `rule`: String? { record.text("rule") }
    /// Which rule（哪条规定）, to be written.
    public static func `rule`(_ value: String) -> FieldWrite { ("rule", .value(.text(value))) }

    /// What in particular（具体所指）.
    public var about: String? { record.text("about") }
    /// What in particular（具体所指）, to be written.
    public static func about(_ value: String) -> FieldWrite { ("about", .value(.text(value))) }

    /// Reason（理由）.
    public var reason: String? { record.text("reason") }
    /// Reason（理由）, to be written.
    public static func reason(_ value: String) -> FieldWrite { ("reason", .value(.text(value))) }
}
