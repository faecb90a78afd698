// The shoe, drawn by hand: each group is a part of it, from the ground up and from the back to the front.

const UPPER =
  "M130 398C118 344 124 286 112 228C112 206 134 198 152 210C192 240 236 266 292 254C332 244 354 214 374 176" +
  "C430 184 492 238 566 290C640 306 722 316 778 344C814 362 828 382 820 402C700 412 300 414 130 398Z";
const EYELETS = [
  [392, 216],
  [427, 239],
  [463, 263],
  [501, 287],
  [539, 309],
] as const;
const PERFORATIONS = [
  [604, 326],
  [626, 332],
  [648, 338],
  [598, 346],
  [620, 352],
  [642, 358],
  [594, 366],
  [616, 372],
  [638, 378],
] as const;

/** The sneaker from its right side. `tab` is the color of its heel tab. */
export function Sneaker({ tab }: { tab: string }) {
  return (
    <svg
      className="sneaker"
      viewBox="72 84 800 452"
      role="img"
      aria-label="A low sneaker of pale sailcloth and deep blue suede on a gum sole"
    >
      <defs>
        <linearGradient id="cloth" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#fffdf7" />
          <stop offset="1" stopColor="#dfe3e1" />
        </linearGradient>
        <linearGradient id="suede" x1="0" y1="0" x2="0.3" y2="1">
          <stop offset="0" stopColor="#1d5a86" />
          <stop offset="1" stopColor="#0a2f4d" />
        </linearGradient>
        <linearGradient id="gum" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#c98a4b" />
          <stop offset="1" stopColor="#8d5626" />
        </linearGradient>
        <linearGradient id="foam" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#ffffff" />
          <stop offset="1" stopColor="#cfd6d6" />
        </linearGradient>
        <pattern id="weave" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(24)">
          <path d="M0 4.5h9M4.5 0v9" stroke="#0d1620" strokeOpacity="0.07" strokeWidth="1.6" />
        </pattern>
        <clipPath id="upper">
          <path d={UPPER} />
        </clipPath>
      </defs>
      <g transform="rotate(-7 465 300)">
        <ellipse className="sneaker-shadow" cx="476" cy="486" rx="356" ry="16" />
        <Inside />
        <Sole />
        <g clipPath="url(#upper)">
          <path d={UPPER} fill="url(#cloth)" />
          <path d={UPPER} fill="url(#weave)" />
          <path d="M100 360C300 400 620 372 840 384V430H100Z" fill="#0d1620" opacity="0.08" />
          <Tide />
          <Suede />
          {PERFORATIONS.map(([x, y]) => (
            <circle key={`${x}-${y}`} cx={x} cy={y} r="3.6" fill="#0d1620" opacity="0.55" />
          ))}
        </g>
        <Throat />
        <path
          className="sneaker-tab"
          d="M106 226C102 198 132 190 154 206L184 230C182 252 176 272 166 290C148 280 130 274 117 272Z"
          fill={tab}
        />
        <path d="M122 240L166 254" stroke="#0d1620" strokeWidth="5" strokeLinecap="round" opacity="0.85" />
        <path d="M120 254L160 267" stroke="#0d1620" strokeWidth="5" strokeLinecap="round" opacity="0.85" />
        <path
          d="M104 222C94 206 98 184 116 184C126 184 130 194 128 204"
          fill="none"
          stroke="#0a2f4d"
          strokeWidth="7"
          strokeLinecap="round"
        />
      </g>
    </svg>
  );
}

/** The lining, and the tongue that stands in it. */
function Inside() {
  return (
    <g>
      <path d="M142 206C206 178 312 178 372 196L350 244C300 272 214 268 152 214Z" fill="#071c2e" />
      <path d="M150 208C214 190 300 190 356 204" fill="none" stroke="#1d5a86" strokeWidth="9" strokeLinecap="round" />
      <path
        d="M344 226C350 168 364 124 392 104C414 92 440 102 442 124C444 156 470 192 520 246L430 262Z"
        fill="#f2efe4"
      />
      <path
        d="M356 210C362 164 376 130 400 116"
        fill="none"
        stroke="#0d1620"
        strokeOpacity="0.2"
        strokeWidth="3"
        strokeDasharray="7 5"
      />
      <rect x="380" y="118" width="46" height="34" rx="4" fill="#0a2f4d" transform="rotate(14 403 135)" />
      <path
        d="M388 136c6-9 12 7 18-1s10 5 14 0"
        fill="none"
        stroke="#ff5b2e"
        strokeWidth="4"
        strokeLinecap="round"
        transform="rotate(14 403 135)"
      />
    </g>
  );
}

function Sole() {
  return (
    <g>
      <path d="M122 440C124 466 138 480 166 480L700 480C776 480 828 462 838 418L822 408L124 420Z" fill="url(#gum)" />
      <path
        d="M170 480v-10M206 480v-10M242 480v-10M278 480v-10M314 480v-10M350 480v-10M386 480v-10M422 480v-10M458 480v-10M494 480v-10M530 480v-10M566 480v-10M602 480v-10M638 480v-10M674 480v-10M710 479v-10M746 474l-3-10"
        stroke="#5c3512"
        strokeWidth="4"
        strokeOpacity="0.55"
      />
      <path
        d="M126 386C114 408 112 436 124 454C300 464 560 464 712 460C776 458 826 446 838 414C840 400 832 388 818 384C700 402 280 404 126 386Z"
        fill="url(#foam)"
      />
      <path d="M128 430C320 444 620 444 836 416" fill="none" stroke="#0a2f4d" strokeWidth="5" strokeOpacity="0.9" />
      <path
        d="M740 446c26-4 52-12 70-24"
        fill="none"
        stroke="#0d1620"
        strokeOpacity="0.16"
        strokeWidth="22"
        strokeDasharray="2.5 6"
      />
      <path
        d="M132 396C300 412 690 412 816 394"
        fill="none"
        stroke="#0d1620"
        strokeOpacity="0.22"
        strokeWidth="2.5"
        strokeDasharray="8 6"
      />
    </g>
  );
}

/** The line that the tide leaves. */
function Tide() {
  return (
    <g fill="none" strokeLinecap="round">
      <path d="M200 366C262 304 318 392 388 344C440 308 486 366 560 340" stroke="#ff5b2e" strokeWidth="17" />
      <path d="M196 394C262 336 322 420 396 372C448 338 500 392 590 372" stroke="#0f4269" strokeWidth="9" />
    </g>
  );
}

/** Heel counter and toe, with their seams. */
function Suede() {
  return (
    <g>
      <path d="M90 220C160 232 206 262 222 304C234 338 226 378 246 420H90Z" fill="url(#suede)" />
      <path
        d="M170 262C196 276 208 292 214 312C224 344 218 374 236 408"
        fill="none"
        stroke="#9cc6e6"
        strokeWidth="2.5"
        strokeDasharray="7 5"
        opacity="0.8"
      />
      <path d="M652 420C646 372 672 330 716 312L850 330V420Z" fill="url(#suede)" />
      <path
        d="M663 412C660 374 684 340 722 324"
        fill="none"
        stroke="#9cc6e6"
        strokeWidth="2.5"
        strokeDasharray="7 5"
        opacity="0.8"
      />
      <path
        d="M722 326C766 334 800 350 812 374"
        fill="none"
        stroke="#ffffff"
        strokeWidth="9"
        strokeLinecap="round"
        opacity="0.14"
      />
    </g>
  );
}

/** The eyestay, its eyelets and the laces. */
function Throat() {
  return (
    <g>
      <path
        d="M374 174C432 184 494 238 568 289C588 300 592 322 578 336C508 330 436 300 396 262C376 254 350 240 349 222C360 208 368 192 374 174Z"
        fill="url(#suede)"
      />
      <path
        d="M382 188C434 202 494 252 566 303M362 226C378 244 392 246 404 256C446 294 508 318 570 325"
        fill="none"
        stroke="#9cc6e6"
        strokeWidth="2.5"
        strokeDasharray="7 5"
        opacity="0.8"
      />
      {EYELETS.map(([x, y], index) => (
        <g key={x}>
          <path
            d={`M${x} ${y}L${x + 26 + index * 2} ${y - 50 + index * 3}`}
            stroke="#0d1620"
            strokeOpacity="0.25"
            strokeWidth="17"
            strokeLinecap="round"
          />
          <circle cx={x} cy={y} r="8" fill="#e9c46a" />
          <circle cx={x} cy={y} r="4" fill="#071c2e" />
          <path
            d={`M${x} ${y}L${x + 26 + index * 2} ${y - 52 + index * 3}`}
            stroke="#fffdf7"
            strokeWidth="13"
            strokeLinecap="round"
          />
        </g>
      ))}
      <g fill="none" stroke="#fffdf7" strokeWidth="11" strokeLinecap="round">
        <path d="M424 166C460 120 520 112 524 136C526 156 470 170 424 166" />
        <path d="M424 166C388 142 338 150 342 170C346 188 396 178 424 166" />
        <path d="M424 168C446 190 470 192 486 220M424 168C414 196 400 206 380 244" />
      </g>
      <circle cx="424" cy="166" r="11" fill="#ece8dc" />
    </g>
  );
}
