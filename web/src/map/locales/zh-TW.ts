//! The map's texts in Traditional Chinese.

import type { MapTexts } from "./en";

export const zhTW: MapTexts = {
  map: label => `座位圖：${label}`,
  keys:
    "方向鍵可在各區之間移動；按 Enter 放大，直到單一座位，再按 Enter 選取座位；Esc 返回。" +
    "加號與減號可縮放，0 顯示全場。座位清單提供相同的選位功能。",
  stage: "舞台",
  zoomIn: "放大",
  zoomOut: "縮小",
  showAll: "顯示全場",
  overview: "全場縮圖，點按即可移動座位圖。",
  legend: "圖例",
  loading: "座位載入中…",
  reconnecting: time => `連線中斷，座位狀態為 ${time} 的資料，正在重新連線…`,

  section: name => `${name} 區`,
  subsection: (section, number) => `${section}${number}`,
  subsectionLong: (section, number) => `${section} 區第 ${number} 分區`,
  subsectionName: number => `第 ${number} 分區`,
  row: row => `第 ${row} 排`,
  rowAndSeat: (row, seat) => `${row} 排 ${seat} 號`,
  freeOf: (free, all) => `可選 ${free}／共 ${all} 席`,
  free: free => `剩 ${free} 席`,
  soldShare: percent => `已售 ${percent}`,
  soldOut: "已售完",
  nearer: "按 Enter 或點按以放大",

  states: {
    free: "可選",
    chosen: "已選",
    mine: "我的座位",
    taken: "已被選走",
    reserved: "保留中",
    sold: "已售出",
  },
  heat: { none: "尚未售出", all: "全部售出" },

  seatSpoken: (row, seat, state, price) => `第 ${row} 排 ${seat} 號，${state}，${price}`,
  seatPlace: (section, subsection) => `${section} 區第 ${subsection} 分區`,
  sectionSpoken: (name, price, availability) => `${name} 區，${price}，${availability}`,
  subsectionSpoken: (section, number, availability) => `${section} 區第 ${number} 分區，${availability}`,
  chosen: (id, count) => `已選 ${id}，共 ${count} 席。`,
  givenBack: (id, count) => `已取消 ${id}，尚有 ${count} 席。`,
  refusedTaken: id => `${id} 已被選走。`,
  refusedLimit: max => `最多可選 ${max} 席。`,
  lost: ids => `座位 ${ids.join("、")} 剛被其他人選走。`,

  list: {
    title: "依區與排選位",
    subsections: section => `${section} 區的分區`,
    seats: place => `座位：${place}`,
    keys: "方向鍵移動，Enter 或空白鍵選取。",
    rows: (from, to, all) => `第 ${from}–${to} 排，共 ${all} 排`,
    earlier: "前面的排",
    later: "後面的排",
  },
};
