package crawler

// walls is the table of what was seen on real sites. The titles and sentences
// are whole or anchored, so that an offer of a captcha solver is none.
var walls = [...]sign{
	{reason: BlockedCaptcha, where: inAddress, expr: expr(`/punish[?/]|/_____tmd_____/|x5secdata=|/captcha|/verify(code)?[./?]|antispider|/sec/|wappass\.baidu\.com|risk_handler|/cdn-cgi/challenge|psnl_verification|captcha-delivery\.com|//validate\.perfdrive\.com`), max: anyLength},
	{reason: BlockedLogin, where: inAddress, expr: expr(`^https?://(login|passport|account|accounts|sso|signin)\.|/(member/)?(login|signin|sign_in|passport)(\.\w+)?([/?]|$)`), max: 3000},

	{reason: BlockedCaptcha, where: inTitle, expr: expr(`^(验证码|安全验证|人机验证|滑动验证|滑块验证|身份验证|访问验证|验证中心|图形验证|百度安全验证|京东验证|验证码拦截)(页面|中间页)?\s*($|[-–—|_·:：,，!！])`), max: 800},
	{reason: BlockedCaptcha, where: inTitle, expr: expr(`^(robot check|captcha|are you (a )?human|security check|human verification|verify(ing)? (that )?you are( a)? human|access to this page has been denied|you have been blocked$)`), max: 800},
	{reason: BlockedInterstitial, where: inTitle, expr: expr(`^(just a moment|attention required! \| cloudflare|checking your browser|ddos-guard|please wait|vercel security checkpoint|请稍候|请稍等|浏览器安全检查|正在进行安全检测|安全检测中)`), max: 800},
	{reason: BlockedInterstitial, where: inTitle, expr: expr(`^(访问受限|访问被拒绝|访问被阻断|访问异常|拦截提示|请求被拦截|您的访问过于频繁|访问过于频繁|403 forbidden by waf|sucuri website firewall|网站防火墙|宝塔网站防火墙|nginx防火墙|创宇盾|D盾_拦截提示|云锁|护卫神|安全狗|请求已被拦截)`), max: 600},
	{reason: BlockedInterstitial, where: inTitle, expr: expr(`^access denied`), with: expr(`reference\s*#|errors\.edgesuite\.net|on this server|firewall|security (service|policy|rule)|automated|suspicious|unusual|bots?\b|your ip|ray id|incident id|blocked`), max: 600},
	{reason: BlockedLogin, where: inTitle, expr: expr(`^(用户登录|会员登录|账号登录|帐号登录|登录|请登录|登陆|欢迎登录|sign in|log ?in|login)\s*($|[-–—|_·])`), max: 600},
	{reason: BlockedLogin, where: inTitle, expr: expr(`[-–—|_·]\s*(用户登录|会员登录|账号登录|欢迎登录|登录)$`), max: 400},

	{reason: BlockedCaptcha, where: inText, expr: expr(`(请|需要?您?)?(按住|拖动|滑动|向右滑动)(下方|左侧|右侧)?滑块|请完成(下方|下列|以下)?(安全)?验证|请(输入|填写|点击)(图中|下方|以下|图片)?(的)?(验证码|字符|文字)(后|继续|以|进行)|通过验证(后|即可|以)继续|为了您的账号安全.{0,12}验证`), max: 500},
	{reason: BlockedCaptcha, where: inText, expr: expr(`unusual traffic from your|enter the characters you see|verify (that )?you are (a )?human|i'?m not a robot|complete the (security check|captcha)|press (&|and) hold to confirm`), max: 800},
	{reason: BlockedInterstitial, where: inText, expr: expr(`(访问|请求|操作)(过于|太)频繁|检测到(您的)?(异常|可疑)(流量|访问|行为|请求)|访问(行为)?(异常|存在风险)|(请求|访问)(已)?被(拦截|阻断|拒绝)|您的IP.{0,12}(异常|限制|封禁|禁止)|被(安全策略|防火墙)拦截|请求带有不合法参数|当前访问疑似(黑客|恶意)|已被(创宇盾|网站管理员设置|网站防火墙|安全狗|云锁|该站点的安全策略)拦截|请求存在恶意行为|可能对网站造成(安全)?威胁`), max: 500},
	{reason: BlockedInterstitial, where: inText, expr: expr(`checking (if the site connection is secure|your browser before)|enable javascript and cookies to continue|ray id: [0-9a-f]{8}|request unsuccessful\. incapsula|incapsula incident id|pardon our interruption|the requested url was rejected\. please consult|your access to this site has been limited|reference\s*#\d+\.[0-9a-f]{6,}\.\d+`), max: 800},
	{reason: BlockedInterstitial, where: inText, expr: expr(`(^|[\s。!！,，:：])请(您)?(在|使用|用)(微信|手机|移动|支付宝|手机淘宝|淘宝|天猫|京东|拼多多|抖音|闲鱼|qq|app)(客户端|端|app)?(中|内|里)?(打开|访问|查看)(此|本|该)?(链接|页面|网页)?\s*($|[\s。!！,，.])`), max: 120},
	{reason: BlockedLogin, where: inText, expr: expr(`(请|需要?)(您)?先?(登录|登陆)(后|以|才能|再)(继续)?(查看|访问|浏览|使用|操作)?|登录后(才能|可|即可|方可)?(查看|访问|浏览)(全部|更多|完整)?(内容|商品|页面|结果)|(log|sign) ?in to (continue|view|see)`), max: 200},

	{reason: BlockedInterstitial, where: inMarkup, expr: expr(`acw_sc__v2|__jsl_clearance|/cdn-cgi/challenge-platform|_cf_chl_opt|/_Incapsula_Resource|_guard/(auto|encrypt)\.js|ge_js_validator|yunsuo_session_verify|errors\.aliyun\.com|window\.KPSDK|token\.awswaf\.com|/_sec/cp_challenge/|waf\.tencent-cloud\.com`), max: 120},
	{reason: BlockedCaptcha, where: inMarkup, expr: expr(`initGeetest|aliyuncaptcha|TencentCaptcha\(|g-recaptcha|h-captcha|class="cf-turnstile|AWSC\.use\(|nc_1_wrapper|id="nocaptcha"|px-captcha|captcha-delivery\.com|sec-if-cpt-container|rgv587_flag`), max: 120},
	{reason: BlockedLogin, where: inMarkup, expr: expr(`<input[^>]+type=["']?password`), max: 60},
}

// dataMost is the most text of an answer in JSON that is a wall: it holds a code
// and a sentence, and no offers.
const dataMost = 2000

// dataWalls are the walls that interfaces answer with, most of them with status
// 200. Messages are whole, so that a product that is named after one is none.
var dataWalls = [...]sign{
	{reason: BlockedCaptcha, where: inMarkup, expr: expr(`"rgv587_flag"\s*:|"ret"\s*:\s*\[\s*"(FAIL_SYS_USER_VALIDATE|RGV587_ERROR)|"url"\s*:\s*"[^"]*(/_____tmd_____/|[/\\]punish\?|x5secdata=|risk_handler)|"verify_auth_token"\s*:|captcha-delivery\.com`), max: dataMost},
	{reason: BlockedInterstitial, where: inMarkup, expr: expr(`"ret"\s*:\s*\[\s*"FAIL_SYS_(ILLEGAL_ACCESS|TRAFFIC_LIMIT|FLOWLIMIT)`), max: dataMost},
	{reason: BlockedLogin, where: inMarkup, expr: expr(`"ret"\s*:\s*\[\s*"FAIL_SYS_SESSION_EXPIRED|"(url|redirect|location|loginUrl)"\s*:\s*"https?:\\?/\\?/(login|passport|sso)\.`), max: dataMost},
	{reason: BlockedCaptcha, where: inMarkup, expr: message(`请(先)?(完成|通过)?(安全|滑块|人机)?验证(后.{0,8})?|需要(安全|人机|滑块)?验证|验证码.{0,6}|captcha( required)?|verification required`), max: dataMost},
	{reason: BlockedInterstitial, where: inMarkup, expr: message(`(您的)?(访问|请求|操作)(过于|太)频繁.{0,20}|请求(已)?被(拦截|拒绝|阻断).{0,10}|(ip|账号|帐号).{0,6}(异常|被限制|被封禁).{0,12}|系统检测到.{0,6}异常.{0,20}|too many requests|rate limit(ed)?( exceeded)?`), max: dataMost},
	{reason: BlockedLogin, where: inMarkup, expr: message(`(用户|您|账号|帐号)?(尚未|还未|未|没有)登录.{0,10}|(请|需要?)(您)?先?(重新)?登录.{0,12}|登录(已|状态)?(过期|失效|超时).{0,12}|(not|need) log(ged)? ?in|login required|please log ?in( first)?|unauthenticated`), max: dataMost},
}
