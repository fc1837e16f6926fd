"""Where the world's enterprises are: the county-level units of Zhejiang and Guangdong (statistical codes of 2023)."""

from __future__ import annotations

from dataclasses import dataclass

_ZHEJIANG = """
    0102上城 0105拱墅 0106西湖 0108滨江 0109萧山 0110余杭 0111富阳 0112临安 0113临平 0114钱塘 0122桐庐 0127淳安
    0182建德 0203海曙 0205江北 0206北仑 0211镇海 0212鄞州 0213奉化 0225象山 0226宁海 0281余姚 0282慈溪 0302鹿城
    0303龙湾 0304瓯海 0305洞头 0324永嘉 0326平阳 0327苍南 0328文成 0329泰顺 0381瑞安 0382乐清 0383龙港 0402南湖
    0411秀洲 0421嘉善 0424海盐 0481海宁 0482平湖 0483桐乡 0502吴兴 0503南浔 0521德清 0522长兴 0523安吉 0602越城
    0603柯桥 0604上虞 0624新昌 0681诸暨 0683嵊州 0702婺城 0703金东 0723武义 0726浦江 0727磐安 0781兰溪 0782义乌
    0783东阳 0784永康 0802柯城 0803衢江 0822常山 0824开化 0825龙游 0881江山 0902定海 0903普陀 0921岱山 0922嵊泗
    1002椒江 1003黄岩 1004路桥 1022三门 1023天台 1024仙居 1081温岭 1082临海 1083玉环 1102莲都 1121青田 1122缙云
    1123遂昌 1124松阳 1125云和 1126庆元 1127景宁 1181龙泉
"""

_GUANGDONG = """
    0103荔湾 0104越秀 0105海珠 0106天河 0111白云 0112黄埔 0113番禺 0114花都 0115南沙 0117从化 0118增城 0203武江
    0204浈江 0205曲江 0222始兴 0224仁化 0229翁源 0232乳源 0233新丰 0281乐昌 0282南雄 0303罗湖 0304福田 0305南山
    0306宝安 0307龙岗 0308盐田 0309龙华 0310坪山 0311光明 0402香洲 0403斗门 0404金湾 0507龙湖 0511金平 0512濠江
    0513潮阳 0514潮南 0515澄海 0523南澳 0604禅城 0605南海 0606顺德 0607三水 0608高明 0703蓬江 0704江海 0705新会
    0781台山 0783开平 0784鹤山 0785恩平 0802赤坎 0803霞山 0804坡头 0811麻章 0823遂溪 0825徐闻 0881廉江 0882雷州
    0883吴川 0902茂南 0904电白 0981高州 0982化州 0983信宜 1202端州 1203鼎湖 1204高要 1223广宁 1224怀集 1225封开
    1226德庆 1284四会 1302惠城 1303惠阳 1322博罗 1323惠东 1324龙门 1402梅江 1403梅县 1422大埔 1423丰顺 1424五华
    1426平远 1427蕉岭 1481兴宁 1502城区 1521海丰 1523陆河 1581陆丰 1602源城 1621紫金 1622龙川 1623连平 1624和平
    1625东源 1702江城 1704阳东 1721阳西 1781阳春 1802清城 1803清新 1821佛冈 1823阳山 1825连山 1826连南 1881英德
    1882连州 1900东莞 2000中山 5102湘桥 5103潮安 5122饶平 5202榕城 5203揭东 5222揭西 5224惠来 5281普宁 5302云城
    5303云安 5321新兴 5322郁南 5381罗定
"""

#: How many enterprises a county of each prefecture has, relative to one another. An assumption, by size of economy.
_CITY_WEIGHT = {
    "3301": 1.6, "3302": 1.6, "3303": 1.3, "3304": 1.3, "3305": 1.1, "3306": 1.3, "3307": 1.3, "3308": 0.6, "3309": 0.5,
    "3310": 1.2, "3311": 0.5, "4401": 1.8, "4403": 2.4, "4404": 1.2, "4406": 2.6, "4407": 1.1, "4413": 1.3, "4419": 8.0,
    "4420": 4.0,
}  # fmt: skip
_OTHER_CITY = 0.4

#: Counties that were ever on the list of the mountain (and island) counties: fewer and smaller enterprises.
_MOUNTAIN = frozenset(
    [
        "330127",
        "330305",
        "330324",
        "330326",
        "330327",
        "330328",
        "330329",
        "330723",
        "330727",
        "330802",
        "330803",
        "330822",
        "330824",
        "330825",
        "330881",
        "330922",
        "331022",
        "331023",
        "331024",
        "331102",
        "331121",
        "331122",
        "331123",
        "331124",
        "331125",
        "331126",
        "331127",
        "331181",
    ]
)
_MOUNTAIN_WEIGHT = 0.6

#: Share of the world's enterprises in Zhejiang. An assumption: the product is at home there.
ZHEJIANG_SHARE = 0.65


@dataclass(frozen=True)
class Place:
    """One county-level unit."""

    code: str
    zh: str
    weight: float
    mountain: bool


def _places(province: str, text: str, share: float) -> tuple[Place, ...]:
    raw = []
    for entry in text.split():
        code = province + entry[:4]
        mountain = code in _MOUNTAIN
        weight = _CITY_WEIGHT.get(code[:4], _OTHER_CITY) * (_MOUNTAIN_WEIGHT if mountain else 1.0)
        raw.append(Place(code, entry[4:], weight, mountain))
    total = sum(place.weight for place in raw)
    return tuple(Place(p.code, p.zh, round(p.weight / total * share, 9), p.mountain) for p in raw)


PLACES: tuple[Place, ...] = (
    *_places("33", _ZHEJIANG, ZHEJIANG_SHARE),
    *_places("44", _GUANGDONG, 1 - ZHEJIANG_SHARE),
)
