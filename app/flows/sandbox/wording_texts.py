"""The words themselves. Placeholders for counsel; a released text is never edited, only followed by another."""

from app.domain.consent.purpose import ConsentPurpose

FIRST_VERSION = "2026.11"

_FRAME = {
    "zh-CN": """{title}（示例文本，须经法务审定）

处理者：Clearline 示范出借机构，联系方式：应用内“隐私中心”。
用途：{purpose}
方式：{method}
个人信息种类：{data}
保存期限：{retention}
撤回：可随时在应用内撤回，与同意一样方便；撤回不影响撤回前已进行的处理。{effect}
您可以拒绝；拒绝不影响与此用途无关的服务。
""",
    "en": """{title} (sample text, subject to counsel)

Handler: Clearline model lender; contact: the privacy centre in the app.
Purpose: {purpose}
How: {method}
Personal data: {data}
Kept for: {retention}
Withdrawal: at any time in the app, as easily as agreeing; what was done before stays valid. {effect}
You may refuse; refusing has no effect on services that do not need this purpose.
""",
}

_PARTS: dict[ConsentPurpose, dict[str, tuple[str, str, str, str, str, str]]] = {
    ConsentPurpose.FIRST_APPLICATION: {
        "zh-CN": (
            "个人征信查询授权书（首次申请额度）",
            "仅为审批您本次首次额度申请，向征信机构查询您的信用报告一次。",
            "向征信机构查询一次；查询会在您的信用报告中留下一条“贷款审批”记录。接收方：征信机构。",
            "姓名、身份证号；报告中的账户概要、还款记录、余额、信用卡使用、查询记录、公共记录。",
            "本授权自同意之日起 30 日内有效，用一次即失效；报告内容在申请结束后按法定期限保存。",
            "如在查询答复前撤回，申请即终止，途中的答复将被销毁。",
        ),
        "en": (
            "Authorisation of a credit bureau inquiry (first application)",
            "Only to decide this first application of yours: the bureau is asked for your report, once.",
            'One inquiry at the credit bureau; it leaves a record "loan approval" in your report. Recipient: the bureau.',
            "Name and ID number; of the report: account summary, repayment history, balances, card usage, inquiries, public records.",
            "Valid for 30 days from your agreement and used up by one inquiry; the report for the statutory term.",
            "Withdrawn before the answer, the application ends and an answer on its way is destroyed.",
        ),
    },
    ConsentPurpose.LIMIT_INCREASE: {
        "zh-CN": (
            "个人征信查询授权书（申请提高额度）",
            "仅为审批您本次提额申请，向征信机构查询您的信用报告一次。",
            "向征信机构查询一次；查询会在您的信用报告中留下一条“额度审批”记录。接收方：征信机构。",
            "姓名、身份证号；报告中的账户概要、还款记录、余额、信用卡使用、查询记录、公共记录。",
            "本授权自同意之日起 30 日内有效，用一次即失效；报告内容在申请结束后按法定期限保存。",
            "撤回不影响您现有额度的使用。",
        ),
        "en": (
            "Authorisation of a credit bureau inquiry (limit increase)",
            "Only to decide this request for a higher limit: the bureau is asked for your report, once.",
            'One inquiry at the credit bureau; it leaves a record "limit approval" in your report. Recipient: the bureau.',
            "Name and ID number; of the report: account summary, repayment history, balances, card usage, inquiries, public records.",
            "Valid for 30 days from your agreement and used up by one inquiry; the report for the statutory term.",
            "Your present line goes on as it is, whatever you answer.",
        ),
    },
}

_SOURCES = {
    ConsentPurpose.PAYMENTS: ("支付数据", "收入、支出与扣款情况", "payments", "income, spending and refused debits"),
    ConsentPurpose.WEALTH: ("财富数据", "月末储蓄与基金余额", "wealth", "month-end balances of savings and funds"),
    ConsentPurpose.LIFE_SERVICES: (
        "生活服务数据",
        "水电通信账单缴纳情况",
        "life services",
        "how utility and phone bills are paid",
    ),
    ConsentPurpose.SOCIAL: (
        "社交数据",
        "信用良好的联系人的担保意愿",
        "social",
        "contacts in good standing who vouch",
    ),
}

# What each source is used for beside the score: payments prove the income and tell when it has stopped.
_WATCHED = ConsentPurpose.PAYMENTS

for _purpose, (_zh, _zh_data, _en, _en_data) in _SOURCES.items():
    _more = _purpose is _WATCHED
    _and_watch = " and to watch over your line" if _more else ""
    _uses = "scoring, checking your income and watching over your line" if _more else "scoring"
    _PARTS[_purpose] = {
        "zh-CN": (
            f"{_zh}使用同意书",
            f"用{_zh}评估您的额度申请{'，并在额度有效期间监测风险' if _more else ''}；不因此查询征信。",
            f"由数据来源向我们提供，仅用于评分{'、核实收入和监测额度' if _more else ''}，不转让。",
            f"{_zh_data}。",
            "使用至同意之日起一年，或至撤回；每条信息自发生之日起保存 25 个月，撤回后 7 日删除。",
            "撤回后不再使用该来源的数据。",
        ),
        "en": (
            f"Use of {_en} data",
            f"To assess your applications{_and_watch} with {_en} data; the credit bureau is not asked for it.",
            f"The source tells us; used for {_uses} only, passed on to nobody.",
            f"{_en_data[0].upper()}{_en_data[1:]}.",
            "Used for one year from your agreement, or until withdrawn; kept 25 months, or seven days after a withdrawal.",
            "From the withdrawal on, the source is not used.",
        ),
    }

_PARTS[ConsentPurpose.REPORTING] = {
    "zh-CN": (
        "信用信息报送同意书",
        "向征信机构报送您在本机构的额度与还款信息；不因此查询征信。",
        "每月报送；不良信息报送前会事先告知。接收方：征信机构。",
        "额度、余额、还款状态。",
        "同意之日起一年，或至撤回。",
        "撤回后停止新的报送，法律另有规定的除外。",
    ),
    "en": (
        "Reporting to the credit bureau",
        "To tell the bureau about your line and repayments; it is asked nothing for this.",
        "Monthly; adverse data only after notice to you. Recipient: the bureau.",
        "Limit, balance, repayment status.",
        "One year from your agreement, or until withdrawn.",
        "From the withdrawal on nothing new is reported, save where the law says so.",
    ),
}
_PARTS[ConsentPurpose.MARKETING] = {
    "zh-CN": (
        "营销信息同意书",
        "向您推送产品与优惠信息。",
        "应用内消息。",
        "联系方式。",
        "同意之日起一年，或至撤回。",
        "撤回后不再推送。",
    ),
    "en": (
        "Marketing messages",
        "To tell you of products and offers.",
        "Messages in the app.",
        "Contact details.",
        "One year from your agreement, or until withdrawn.",
        "From the withdrawal on none is sent.",
    ),
}


def _text(purpose: ConsentPurpose, language: str) -> str:
    title, why, how, data, retention, effect = _PARTS[purpose][language]
    return _FRAME[language].format(
        title=title, purpose=why, method=how, data=data, retention=retention, effect=effect
    )


TEXTS: dict[tuple[ConsentPurpose, str], str] = {
    (purpose, language): _text(purpose, language) for purpose in ConsentPurpose for language in ("zh-CN", "en")
}
