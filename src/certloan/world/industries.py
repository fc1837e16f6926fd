"""What the world's enterprises do: industries of GB/T 4754-2017 with what matters to certificates and checks.

Weights, risks and output per head are assumptions; the codes are the standard's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Industry:
    """One industry.

    ``ccc`` is the category of its compulsory product, if it makes one (catalogue of 96 kinds, first part);
    ``check_risk`` shifts the log odds that a checked batch fails; ``output`` is yearly revenue per head in 万元.
    """

    code: str
    trade: str
    product: str
    weight: float
    ccc: str = ""
    check_risk: float = 0.0
    output: float = 80.0
    group: str = "industry"  # industry | food | it | trade | service | agriculture | building
    green: bool = False
    low_carbon: bool = False


INDUSTRIES: tuple[Industry, ...] = (
    Industry("3841", "新能源", "锂离子电池", 1.0, output=140, low_carbon=True, check_risk=0.3),
    Industry("3831", "线缆", "聚氯乙烯绝缘电缆", 2.5, "0105", 0.3, 120),
    Industry("3823", "电气", "低压成套开关设备", 3.0, "0301", 0.0, 100),
    Industry("3829", "电器", "低压元器件", 2.0, "0302", 0.0, 90),
    Industry("3812", "电机", "小功率电动机", 1.5, "0401", 0.0, 90, low_carbon=True),
    Industry("3857", "电热器具", "电热水器", 2.0, "0706", 0.7, 85),
    Industry("3853", "电器", "电风扇", 1.5, "0702", 0.7, 80),
    Industry("3852", "环境电器", "空气调节器", 1.0, "0703", 0.5, 130, low_carbon=True),
    Industry("3872", "照明", "嵌入式灯具", 2.5, "1001", 0.6, 75),
    Industry("2451", "玩具", "电玩具", 1.8, "2202", 0.5, 55),
    Industry("2456", "童车", "儿童推车", 1.0, "2201", 0.5, 60),
    Industry("3770", "车业", "电动自行车", 1.5, "1119", 0.5, 95),
    Industry("3861", "燃具", "家用燃气灶具", 1.2, "2401", 0.4, 80),
    Industry("3465", "工具", "电钻", 2.0, "0501", 0.2, 75),
    Industry("3424", "焊接设备", "直流弧焊机", 0.8, "0603", 0.1, 80),
    Industry("2422", "琴业", "立式钢琴", 0.8, output=55),
    Industry("2110", "家居", "木制柜", 3.0, output=60, green=True, check_risk=0.2),
    Industry("2120", "竹业", "竹地板", 1.2, output=50, green=True, check_risk=0.1),
    Industry("2021", "板业", "胶合板", 1.2, output=65, green=True, low_carbon=True, check_risk=0.2),
    Industry("3071", "建陶", "陶瓷砖", 1.2, output=70, green=True, low_carbon=True, check_risk=0.1),
    Industry("2641", "涂料", "水性内墙涂料", 1.0, output=110, green=True, check_risk=0.2),
    Industry("3011", "建材", "通用水泥", 0.6, output=150, low_carbon=True, check_risk=-0.4),
    Industry("2922", "塑业", "塑料管材", 2.2, output=85, green=True, check_risk=0.2),
    Industry("2927", "塑料制品", "日用塑料杯", 2.0, output=65, check_risk=0.2),
    Industry("1751", "纺织", "化纤面料", 2.5, output=75, check_risk=0.3),
    Industry("1763", "针织", "针织服装", 2.2, output=50, check_risk=0.4),
    Industry("1819", "服饰", "机织童装", 2.5, output=45, check_risk=0.5),
    Industry("1952", "鞋业", "皮鞋", 2.0, output=50, check_risk=0.3),
    Industry("3351", "五金", "家具五金件", 2.8, output=60),
    Industry("3324", "刀具", "厨房刀具", 1.0, output=55, check_risk=0.1),
    Industry("3381", "厨具", "不锈钢锅", 1.5, output=60, check_risk=0.2),
    Industry("3443", "阀门", "铜制球阀", 2.2, output=75),
    Industry("3441", "泵业", "离心泵", 2.2, output=80),
    Industry("3451", "轴承", "深沟球轴承", 1.8, output=75),
    Industry("3484", "机械", "机械零部件", 3.0, output=70),
    Industry("3421", "机床", "数控车床", 1.2, output=95),
    Industry("3491", "机器人", "工业机器人", 0.6, output=120),
    Industry("3670", "汽配", "汽车制动片", 3.0, output=90),
    Industry("3982", "电路", "印制电路板", 2.0, output=100),
    Industry("3989", "电子", "电子元件", 2.2, output=90),
    Industry("4011", "仪表", "自动控制装置", 1.2, output=95),
    Industry("3252", "铝业", "铝合金型材", 1.0, output=160, low_carbon=True),
    Industry("1530", "茶业", "绿茶", 1.2, output=50, group="food", check_risk=-0.8),
    Industry("1411", "食品", "糕点", 1.5, output=55, group="food", check_risk=-0.5),
    Industry("1362", "水产食品", "鱼糜制品", 0.8, output=60, group="food", check_risk=-0.5),
    Industry("1439", "食品", "方便食品", 0.8, output=60, group="food", check_risk=-0.5),
    Industry("0141", "农业", "时令蔬菜", 1.2, output=25, group="agriculture", check_risk=-1.6),
    Industry("0311", "牧业", "肉牛", 0.4, output=30, group="agriculture", check_risk=-1.6),
    Industry("4710", "建设", "房屋建筑", 1.2, output=130, group="building"),
    Industry("5131", "贸易", "纺织品", 2.5, output=220, group="trade"),
    Industry("5176", "科贸", "计算机设备", 1.2, output=200, group="trade"),
    Industry("5213", "商贸", "日用百货", 1.5, output=120, group="trade", check_risk=0.2),
    Industry("5431", "物流", "货物运输", 1.0, output=60, group="service"),
    Industry("6130", "民宿", "民宿服务", 1.2, output=22, group="service"),
    Industry("6210", "餐饮", "餐饮服务", 1.2, output=25, group="service"),
    Industry("6513", "软件", "应用软件", 1.2, output=60, group="it"),
    Industry("6531", "信息技术", "系统集成服务", 1.0, output=65, group="it"),
    Industry("7441", "测绘", "遥感测绘服务", 0.5, output=55, group="it"),
    Industry("7452", "检测", "检测服务", 0.4, output=50, group="service"),
)
