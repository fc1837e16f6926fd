-- What a skilled analyst would write for the same columns: one query per table, then one join. Conditions stand once, as
-- columns, and inside the aggregates: behind them, as filters, they cost several times as much. Months are counted as
-- bits, because counting distinct months takes twice as long. ${out} is the Parquet file.
create or replace temp table day as
select row_number() over () as id, application_id, uscc, applied_on as d,
       cast(d - interval 3 month as date) as d3, cast(d - interval 6 month as date) as d6,
       cast(d - interval 12 month as date) as d12, cast(d - interval 15 month as date) as d15,
       cast(d - interval 18 month as date) as d18, cast(d - interval 24 month as date) as d24,
       cast(d - interval 36 month as date) as d36, cast(d - interval 60 month as date) as d60
from application where void_on is null;

create or replace temp table hand_credit as
with account as (
    select a.id, r.account_no, max({'h': r.happened_on, 'n': r.known_on, 'k': r.kind}).k as kind
    from day a join credit_account r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
    where r.kind is not null group by a.id, r.account_no
), month as (
    select a.id, a.d, a.d3, a.d6, a.d12, a.d24, r.balance, r.credit_limit, r.days_past_due, r.overdue_amount, r.month, r.happened_on,
           k.kind, coalesce(k.kind, 'other') <> 'guarantee' as debt, coalesce(k.kind = 'credit_line', false) as line,
           case r.five_class when 'normal' then 1 when 'special_mention' then 2 when 'substandard' then 3 when 'doubtful' then 4 when 'loss' then 5 end as word,
           case when r.days_past_due > 360 then 5 when r.days_past_due > 270 then 4 when r.days_past_due > 90 then 3 when r.days_past_due > 7 then 2 when r.days_past_due is not null then 1 end as days,
           greatest(word, days) as class,
           coalesce(r.days_past_due > 0, r.overdue_amount > 0) or coalesce(r.overdue_amount > 0, r.days_past_due > 0) as late,
           date_diff('month', r.happened_on, a.d) as back, case when back between 0 and 62 then 1::bigint << back end as bit,
           r.happened_on <= a.d as h, h and r.happened_on > d3 as w3, h and r.happened_on > d6 as w6, h and r.happened_on > d12 as w12, h and r.happened_on > d24 as w24,
           r.happened_on <= d3 and r.happened_on > d6 as b3, r.happened_on <= d6 and r.happened_on > d12 as b6,
           r.happened_on <= d12 and r.happened_on > d24 as b12, r.happened_on <= d3 and r.happened_on > d12 as b9
    from day a join credit_month r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
    left join account k on k.id = a.id and k.account_no = r.account_no
)
select id, 1 as credit_known,
       sum(case when debt and w3 then balance end)::double / nullif(bit_count(bit_or(case when debt and w3 then bit end)), 0) as credit_balance_3m,
       sum(case when debt and w6 then balance end)::double / nullif(bit_count(bit_or(case when debt and w6 then bit end)), 0) as credit_balance_6m,
       sum(case when debt and w12 then balance end)::double / nullif(bit_count(bit_or(case when debt and w12 then bit end)), 0) as credit_balance_12m,
       sum(case when debt and b3 then balance end)::double / nullif(bit_count(bit_or(case when debt and b3 then bit end)), 0) as credit_balance_before_3m,
       sum(case when debt and b6 then balance end)::double / nullif(bit_count(bit_or(case when debt and b6 then bit end)), 0) as credit_balance_before_6m,
       sum(case when debt and b12 then balance end)::double / nullif(bit_count(bit_or(case when debt and b12 then bit end)), 0) as credit_balance_before_12m,
       sum(case when debt and b9 then balance end)::double / nullif(bit_count(bit_or(case when debt and b9 then bit end)), 0) as credit_balance_prior,
       sum(case when line and w3 then balance end)::double / nullif(sum(case when line and w3 then credit_limit end)::double, 0) as credit_utilisation_3m,
       sum(case when line and w6 then balance end)::double / nullif(sum(case when line and w6 then credit_limit end)::double, 0) as credit_utilisation_6m,
       sum(case when line and w12 then balance end)::double / nullif(sum(case when line and w12 then credit_limit end)::double, 0) as credit_utilisation_12m,
       sum(case when line and b3 then balance end)::double / nullif(sum(case when line and b3 then credit_limit end)::double, 0) as credit_utilisation_before_3m,
       sum(case when line and b6 then balance end)::double / nullif(sum(case when line and b6 then credit_limit end)::double, 0) as credit_utilisation_before_6m,
       sum(case when line and b12 then balance end)::double / nullif(sum(case when line and b12 then credit_limit end)::double, 0) as credit_utilisation_before_12m,
       sum(case when debt and w3 then balance end)::double / nullif(sum(case when debt and w3 then credit_limit end)::double, 0) as credit_drawn_share_3m,
       sum(case when debt and w12 then balance end)::double / nullif(sum(case when debt and w12 then credit_limit end)::double, 0) as credit_drawn_share_12m,
       max(case when w3 then days_past_due end) as credit_dpd_max_3m,
       sum(case when w3 then days_past_due end)::double / nullif(count(case when w3 then days_past_due end), 0) as credit_dpd_mean_3m,
       max(case when w3 then class end) as credit_worst_class_3m,
       max(case when w6 then days_past_due end) as credit_dpd_max_6m,
       sum(case when w6 then days_past_due end)::double / nullif(count(case when w6 then days_past_due end), 0) as credit_dpd_mean_6m,
       max(case when w6 then class end) as credit_worst_class_6m,
       max(case when w12 then days_past_due end) as credit_dpd_max_12m,
       sum(case when w12 then days_past_due end)::double / nullif(count(case when w12 then days_past_due end), 0) as credit_dpd_mean_12m,
       max(case when w12 then class end) as credit_worst_class_12m,
       max(case when w24 then days_past_due end) as credit_dpd_max_24m,
       sum(case when w24 then days_past_due end)::double / nullif(count(case when w24 then days_past_due end), 0) as credit_dpd_mean_24m,
       max(case when w24 then class end) as credit_worst_class_24m,
       coalesce(bit_count(bit_or(case when late and w3 then bit end)), 0) as credit_months_past_due_3m,
       coalesce(bit_count(bit_or(case when late and w6 then bit end)), 0) as credit_months_past_due_6m,
       coalesce(bit_count(bit_or(case when late and w12 then bit end)), 0) as credit_months_past_due_12m,
       coalesce(bit_count(bit_or(case when late and w24 then bit end)), 0) as credit_months_past_due_24m,
       coalesce(bit_count(bit_or(case when late and b3 then bit end)), 0) as credit_months_past_due_before_3m,
       coalesce(bit_count(bit_or(case when late and b6 then bit end)), 0) as credit_months_past_due_before_6m,
       coalesce(bit_count(bit_or(case when late and b12 then bit end)), 0) as credit_months_past_due_before_12m,
       coalesce(bit_count(bit_or(case when days_past_due > 30 and w24 then bit end)), 0) as credit_months_over_30_24m,
       min(case when late then least(date_diff('month', month, d), 36) when not late then 36 end) as credit_months_since_past_due,
       sum(case when w3 then overdue_amount end)::double / nullif(bit_count(bit_or(case when w3 then bit end)), 0) as credit_overdue_amount_3m,
       sum(case when w12 then overdue_amount end)::double / nullif(sum(case when w12 then balance end)::double, 0) as credit_overdue_share_12m,
       max(case when w3 and days_past_due is not null then {'o': happened_on, 'v': days_past_due} end).v as credit_dpd_now,
       max(case when w3 and class is not null then {'o': happened_on, 'v': class} end).v as credit_class_now,
       coalesce(bit_count(bit_or(case when class >= 2 and w24 then bit end)), 0) as credit_months_watched_24m,
       coalesce(bit_count(bit_or(case when class >= 3 and w24 then bit end)), 0) as credit_months_bad_24m,
       coalesce(bit_count(bit_or(case when kind = 'guarantee' and class >= 2 and w12 then bit end)), 0) as credit_guaranteed_watched_12m,
       count(case when w24 and word < days and (happened_on >= date '2023-07-01' or (days_past_due > 90 and word <= 2)) then 1 end) as credit_contradictions_24m_n,
       coalesce(bit_count(bit_or(case when w24 then bit end)), 0) as credit_months_24m
from month group by id;

create or replace temp table hand_account as
with account as (
    select a.*, r.lender, r.kind, r.credit_limit, r.opened_on, r.matures_on, r.extended, r.happened_on,
           coalesce(r.kind, 'other') <> 'guarantee' as borrowed, r.matures_on is null or r.matures_on >= a.d as unmatured,
           borrowed and unmatured as open
    from day a join credit_account r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
), lender as (
    select id, max(greatest(v, 0))::double / nullif(sum(greatest(v, 0))::double, 0) as share, count(u) as lenders, count(n) as fresh
    from (select id, lender, sum(case when open then credit_limit end) as v, max(case when unmatured then 1 end) as u,
                 case when min(case when borrowed and happened_on <= d then happened_on end) > max(d12) then 1 end as n
          from account where lender is not null group by id, lender) group by id
), peak as (
    select id, max(greatest(v, 0))::double / nullif(sum(greatest(v, 0))::double, 0) as share
    from (select id, year(matures_on) * 12 + month(matures_on) as m, sum(case when open then credit_limit end) as v from account where matures_on is not null group by all) group by id
), flat as (
    select id, count(case when unmatured then 1 end) as credit_accounts_n, max(case when borrowed then 1 else 0 end) as credit_borrowed_before,
       coalesce(sum(case when open then credit_limit end), 0)::double as credit_limit_open,
       coalesce(sum(case when open and matures_on < d + interval 6 month then credit_limit end), 0)::double as credit_maturing_6m,
       coalesce(sum(case when open and matures_on < d + interval 12 month then credit_limit end), 0)::double as credit_maturing_12m,
       count(case when borrowed and happened_on > d3 and happened_on <= d then 1 end) as credit_new_accounts_3m_n,
       count(case when borrowed and happened_on > d6 and happened_on <= d then 1 end) as credit_new_accounts_6m_n,
       count(case when borrowed and happened_on > d12 and happened_on <= d then 1 end) as credit_new_accounts_12m_n,
       coalesce(sum(case when borrowed and happened_on > d12 and happened_on <= d then credit_limit end), 0)::double as credit_new_limit_12m,
       count(case when open and extended then 1 end) as credit_extended_n,
       count(case when extended and borrowed and happened_on > d60 and happened_on <= d then 1 end)::double / nullif(count(case when borrowed and happened_on > d60 and happened_on <= d then 1 end), 0) as credit_extended_share_60m,
       count(case when kind = 'guarantee' and unmatured then 1 end) as credit_guarantees_n,
       coalesce(sum(case when kind = 'guarantee' and unmatured then credit_limit end), 0)::double as credit_guarantee_amount,
       max(date_diff('month', opened_on, d)) as credit_history_months
    from account group by id
)
select flat.*, coalesce(lender.lenders, 0) as credit_lenders_n, lender.share as credit_top_lender_share, coalesce(lender.fresh, 0) as credit_new_lenders_12m_n,
       peak.share as credit_maturity_peak_share
from flat left join lender using (id) left join peak using (id);

create or replace temp table hand_inquiry as
select a.id, count(case when purpose = 'loan_approval' and happened_on > d3 and happened_on <= d then 1 end) as credit_inquiries_3m_n,
       count(case when purpose = 'loan_approval' and happened_on > d6 and happened_on <= d then 1 end) as credit_inquiries_6m_n,
       count(case when purpose = 'loan_approval' and happened_on > d12 and happened_on <= d then 1 end) as credit_inquiries_12m_n,
       count(distinct case when purpose = 'loan_approval' and happened_on > d6 and happened_on <= d then lender end) as credit_inquirers_6m_n,
       count(distinct case when purpose = 'loan_approval' and happened_on > d12 and happened_on <= d then lender end) as credit_inquirers_12m_n
from day a join credit_inquiry r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on) group by a.id;

create or replace temp table hand_bill as
select id, coalesce(bit_count(bit_or(case when w12 then bit end)), 0) as bill_months_12m,
       coalesce(bit_count(bit_or(case when w12 and not social and arrears > 0 then bit end)), 0) as bill_arrears_months_12m,
       coalesce(bit_count(bit_or(case when w12 and social and arrears > 0 then bit end)), 0) as bill_social_arrears_months_12m,
       max(case when w12 then arrears end)::double as bill_arrears_max_12m,
       sum(case when w6 and kind = 'electricity' then billed end)::double / nullif(bit_count(bit_or(case when w6 and kind = 'electricity' then bit end)), 0) as bill_power_6m,
       sum(case when b6 and kind = 'electricity' then billed end)::double / nullif(bit_count(bit_or(case when b6 and kind = 'electricity' then bit end)), 0) as bill_power_6m_year_before,
       bill_power_6m / nullif(bill_power_6m_year_before, 0) - 1 as bill_power_trend
from (select a.id, r.kind, r.arrears, r.billed, r.kind in ('social_insurance', 'housing_fund') as social,
             date_diff('month', happened_on, d) as back, case when back between 0 and 62 then 1::bigint << back end as bit,
             happened_on > d12 and happened_on <= d as w12, happened_on > d6 and happened_on <= d as w6, happened_on > d18 and happened_on <= d12 as b6
      from day a join utility_bill r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)) group by id;

create or replace temp table hand_tax as
with registered as (
    select a.id, max({'h': r.happened_on, 'n': r.known_on, 'r': r.registered_on}).r as registered_on
    from day a join enterprise r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on) where r.registered_on is not null group by a.id
), grade as (
    select a.id, a.d, a.d60, r.year, r.grade, r.happened_on, lag(r.grade) over (partition by a.id order by r.year) as grade_before
    from day a join tax_grade r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
)
select id, count(distinct case when grade = 'A' and coalesce(registered_on + interval 36 month <= happened_on and coalesce(grade_before, 'B') <> 'D', true) and happened_on > d60 and happened_on <= d then year end) as tax_a_years_60m_n,
       count(distinct case when grade = 'D' and happened_on > d60 and happened_on <= d then year end) as tax_d_years_60m_n,
       count(distinct case when grade in ('C', 'D') and happened_on > d60 and happened_on <= d then year end) as tax_low_years_60m_n,
       count(distinct case when grade = 'M' and happened_on > d60 and happened_on <= d then year end) as tax_m_years_60m_n
from grade left join registered using (id) group by id;

create or replace temp table hand_inspection as
with checked as (
    select a.*, r.*, happened_on <= d and happened_on > d36 as w36, happened_on <= d and happened_on > d12 as w12,
           case level when 'national' then 1 when 'province' then 2 when 'city' then 3 when 'county' then 4 else 5 end as turn,
           verdict in ('no_nonconformity', 'nonconforming') and coalesce(kind, 'spot_check') <> 'risk_monitoring' as sample,
           coalesce(objection, 'none') as objected,
           objected not in ('pending', 'upheld') and (objected = 'rejected' or recheck is not null or rectified_on is not null
               or d > coalesce(notified_on, least(known_on, inspected_on + 45)) + 15) as final
    from day a join inspection r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
), told as (
    select *, sample and row_number() over (partition by id, sample, replace(upper(product), ' ', ''), coalesce(replace(replace(upper(batch_no), ' ', ''), '－', '-'), inspection_no)
                  order by turn, inspection_no) = 1 as sampled,
           sampled and verdict = 'nonconforming' and final as failed, sampled and verdict = 'nonconforming' and not final and objected <> 'upheld' as undecided,
           sampled and not undecided as decided, coalesce(level in ('national', 'province'), false) as upper,
           case when not failed then 0 when safety_item or failed_item = 'safety' then 4 when failed_item = 'mandatory' then 3 when failed_item = 'labelling' then 1 else 2 end as severity,
           failed and (coalesce(recheck, '') = 'passed' or (recheck is null and coalesce(rectified_on <= d, false))) as put_right
    from checked
)
select id, 1 as insp_known, count(case when decided and w36 then 1 end) as insp_36m_n, count(case when decided and w12 then 1 end) as insp_12m_n,
       count(case when failed and w36 then 1 end) as insp_failed_36m_n, count(case when failed and w12 then 1 end) as insp_failed_12m_n,
       count(case when severity = 4 and w36 then 1 end) as insp_safety_failed_36m_n, max(case when decided and w36 then severity end) as insp_severity_36m,
       count(case when decided and upper and w36 then 1 end) as insp_upper_36m_n, count(case when failed and upper and w36 then 1 end) as insp_upper_failed_36m_n,
       count(distinct case when failed and w36 then product end) as insp_failed_products_36m_n, count(case when undecided and w36 then 1 end) as insp_undecided_n,
       count(case when sampled and objection = 'upheld' and w36 then 1 end) as insp_overturned_36m_n,
       count(case when verdict = 'refused' and w36 then 1 end) as insp_refused_36m_n, max(case when w36 then case when verdict = 'refused' then 1 else 0 end end) as insp_refused_36m,
       max(case when w36 then case when verdict = 'unlicensed' then 1 else 0 end end) as insp_unlicensed_36m,
       count(case when failed and put_right and w36 then 1 end)::double / nullif(count(case when failed and w36 then 1 end), 0) as insp_put_right_share_36m,
       count(case when failed and recheck = 'failed' and w36 then 1 end)::double / nullif(count(case when failed and recheck is not null and w36 then 1 end), 0) as insp_recheck_failed_share_36m,
       count(case when failed and level = 'national' and not put_right and w12 then 1 end) as insp_national_open_n,
       min(case when failed then least(date_diff('month', inspected_on, d), 36) when decided then 36 end) as insp_months_since_failure
from told group by id;

create or replace temp table hand_rate as
with trade as (
    select a.id, max({'h': r.happened_on, 'n': r.known_on, 'i': r.industry_code}).i as industry
    from day a join enterprise r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on) where r.industry_code is not null group by a.id
), expected as (
    select a.id, coalesce(p.prior_mean, 0.094) as mean, coalesce(p.prior_safety, 0.055) as safety, coalesce(p.prior_strength, 5) as strength
    from day a left join trade t using (id) left join inspection_prior p
    on p.code = coalesce(substring(case when t.industry between 'A' and 'U' then substring(t.industry, 2, 4) else t.industry end, 1, 2), 'ALL')
       and p.valid_from <= a.d and (p.valid_to is null or a.d < p.valid_to)
)
select id, (insp_failed_36m_n + mean * strength) / (insp_36m_n + strength) as insp_fail_share_36m, (insp_failed_12m_n + mean * strength) / (insp_12m_n + strength) as insp_fail_share_12m,
       (insp_upper_failed_36m_n + mean * strength) / (insp_upper_36m_n + strength) as insp_upper_fail_share_36m,
       (insp_safety_failed_36m_n + safety * strength) / (insp_36m_n - insp_failed_36m_n + insp_safety_failed_36m_n + strength) as insp_safety_fail_share_36m
from hand_inspection join expected using (id);

create or replace temp table hand_certificate as
with events as (
    select id, certificate_no, max(case when ending then {'h': happened_on, 'n': known_on, 'r': rank, 'e': case when rank = 1 then 'replaced' else event end} end).e as ended_by,
           max(case when ending then event_on end) as ended_on, max(case when event = 'expired' then event_on end) as told_expired_on,
           max(case when event = 'suspended' then event_on end) as suspended_on, min(case when event = 'suspended' then event_on end) as first_suspended_on,
           max(case when event = 'restored' then event_on end) as restored_on, min(case when event = 'restored' then event_on end) as first_restored_on,
           max(case when event in ('recertified', 'issued') then event_on end) as reissued_on,
           max(case when event in ('surveillance_passed', 'special_audit_passed', 'recertified') then event_on end) as audited_on
    from (select a.id, r.*, event in ('withdrawn', 'cancelled') as ending, case when coalesce(p.replaced, false) then 1 when event = 'withdrawn' then 3 else 2 end as rank
          from day a join certificate_event r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on) and r.happened_on <= a.d
          left join reference_replacement p on p.code = r.reason_code and (p.valid_from is null or p.valid_from <= a.d) and (p.valid_to is null or a.d < p.valid_to)) group by all
), body as (
    select x.d, r.body_no, min(licensed_from) as licensed_first_on, max(licensed_from) as licensed_again_on, max(licensed_to) as licensed_until, bool_or(licensed_to is null) as openly,
           max(case when sanction in ('revoked', 'suspended') and sanctioned_on <= x.d then sanctioned_on end) as struck_on, max(case when sanction = 'revoked' and sanctioned_on <= x.d then sanctioned_on end) as revoked_on,
           max(case when schemes is not null then {'h': happened_on, 'n': known_on, 's': schemes} end).s as schemes
    from (select distinct d from day) x join certification_body r on r.known_on <= x.d and (r.void_on is null or x.d < r.void_on) group by all
), trade as (
    select a.id, max({'h': r.happened_on, 'n': r.known_on, 'i': r.industry_code}).i as industry
    from day a join enterprise r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on) where r.industry_code is not null group by a.id
), paper as (
    select a.id, a.d, r.certificate_no, r.scheme, r.issued_on, r.expires_on, r.accreditation, r.body_no, r.headcount_covered, r.audit_id, r.state_stated, r.known_on,
           coalesce(r.role, 'client') <> 'factory' as own, coalesce(r.product_category, r.scope, r.certificate_no) as thing, coalesce(r.assurance, s.scheme_assurance) as proof,
           case when r.scheme like 'A0___' then substring(r.scheme, 1, 3) else r.scheme end as root, s.scheme_class, s.scheme_strength, s.scheme_parent,
           u.gap_months, u.first_gap_months, coalesce(u.grace_days, 0) as grace_days, u.suspension_months, v.validity_months,
           least(coalesce(r.first_issued_on, r.issued_on), case when coalesce(u.keeps_number, true) then w.earlier_first_on end) as held_from,
           e.* exclude (id, certificate_no), greatest(r.issued_on, e.reissued_on) as alive_from, not coalesce(f.fits, true) or not coalesce(contains(m.scope_divisions, ' ' || t.division || ' '), true) as unfit,
           coalesce(r.issued_on < b.licensed_first_on or (not b.openly and b.licensed_until < r.issued_on) or (b.revoked_on < r.issued_on and b.licensed_again_on <= b.revoked_on), false) as unlicensed,
           coalesce(b.struck_on >= r.issued_on, false) as struck, coalesce(x.contested, false) as contested,
           (b.body_no is null and r.body_no is not null and (select min(known_on) from certification_body) <= a.d)
               or coalesce(not contains(b.schemes, r.scheme) and not contains(b.schemes, case when s.scheme_class = 'management_system' then '管理体系' when s.scheme_class in ('ccc', 'product', 'green') then '产品' when s.scheme_class = 'service' then '服务' end), false) as doubtful,
           coalesce((select min(known_on) from certificate_event) <= a.d, false) and (coalesce(s.scheme_class, '') in ('management_system', 'service') or r.scheme in ('FSMS', 'HACCP')) as tracked
    from day a join certificate r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
    left join events e on e.id = a.id and e.certificate_no = r.certificate_no left join body b on b.d = a.d and b.body_no = r.body_no
    left join (select id, substring(case when industry between 'A' and 'U' then substring(industry, 2, 2) else industry end, 1, 2) as division from trade) t on t.id = a.id
    left join reference_scheme s on s.code = r.scheme and (s.valid_from is null or s.valid_from <= a.d) and (s.valid_to is null or a.d < s.valid_to)
    left join reference_rule u on u.code = r.scheme and (u.valid_from is null or u.valid_from <= a.d) and (u.valid_to is null or a.d < u.valid_to)
    left join reference_rule v on v.code = r.scheme and (v.valid_from is null or v.valid_from <= r.issued_on) and (v.valid_to is null or r.issued_on < v.valid_to)
    left join reference_scheme_fit f on f.code = r.scheme || ' ' || t.division and (f.valid_from is null or f.valid_from <= a.d) and (f.valid_to is null or a.d < f.valid_to)
    left join certificate_clash x on x.code = r.certificate_no and (x.valid_from is null or x.valid_from <= a.d) and (x.valid_to is null or a.d < x.valid_to)
    left join certificate_renewal w on w.code = a.uscc || ' ' || r.certificate_no and (w.valid_from is null or w.valid_from <= a.d) and (w.valid_to is null or a.d < w.valid_to)
    left join scope_match m on m.code = r.scope and (m.valid_from is null or m.valid_from <= a.d) and (m.valid_to is null or a.d < m.valid_to)
), dated as (
    select *, cast(alive_from + to_months(cast(validity_months as int)) as date) as by_rule, case when expires_on > by_rule + interval 6 month then by_rule else coalesce(expires_on, cast(issued_on + to_months(cast(validity_months as int)) as date)) end as ends_on,
           greatest(issued_on, audited_on, case when restored_on > first_suspended_on then restored_on end) as last_audit_on,
           cast(last_audit_on + to_months(cast(case when last_audit_on > issued_on then gap_months else first_gap_months end as int)) as date) as due_on,
           case when due_on is not null then least(due_on, ends_on) end as next_on, case when tracked then d - last_audit_on end as gap_days,
           coalesce(scheme_parent, root) as family, not struck and not unlicensed and not contested and own as trusted,
           case when scheme_class = 'management_system' or scheme in ('FSMS', 'HACCP') then root else root || ' ' || thing end as chain,
           case when scheme_class = 'management_system' then family else chain end as line,
           case when proof = 'self_declared' then 1 when doubtful or (scheme = 'CR' and expires_on is null) then least(coalesce(scheme_strength, 1), 2)
                when accreditation = 'cnas' then 4 when accreditation = 'unaccredited' and scheme_strength < 4 then 2 else scheme_strength end as strength,
           case when ended_on is not null and (ended_on >= alive_from or ended_on < held_from) then ended_by when ends_on < d or told_expired_on >= alive_from then 'expired'
                when suspended_on is not null and (suspended_on >= alive_from or suspended_on < held_from) and (restored_on is null or restored_on <= suspended_on
                     or coalesce(case when first_restored_on > suspended_on then first_restored_on else restored_on end > suspended_on + to_months(cast(suspension_months as int)), false)) then 'suspended'
                when issued_on > d then 'not_yet' else 'valid' end as replayed
    from paper
), judged as (
    select *, greatest(ended_on, suspended_on, restored_on, reissued_on) as changed_on,
           case replayed when 'withdrawn' then 5 when 'cancelled' then 4 when 'expired' then 3 when 'replaced' then 3 when 'suspended' then 2 else 0 end as gravity,
           case state_stated when 'withdrawn' then 5 when 'cancelled' then 4 when 'expired' then 3 when 'replaced' then 3 when 'suspended' then 2 else 0 end as stated,
           case when state_stated is null or changed_on > known_on or replayed = 'replaced' or stated <= gravity then replayed else state_stated end as register,
           case when register = 'suspended' and coalesce(case when replayed = 'suspended' then suspended_on else known_on end + to_months(cast(suspension_months as int)) < d, false) then 'lapsed'
                when register = 'valid' and tracked and coalesce(due_on + cast(grace_days as int) < d and (ends_on is null or due_on < ends_on), false) then 'overdue' else register end as state,
           state = 'valid' and trusted as weighs,
           audit_id is null and coalesce(issued_on - max(case when audit_id is null then issued_on end) over (partition by id, coalesce(body_no, '') order by issued_on range between unbounded preceding and interval 1 day preceding) > 30, true) as opens
    from dated
), placed as (
    select *, coalesce(audit_id, max(case when opens then issued_on end) over (partition by id, coalesce(body_no, '') order by issued_on)::varchar || ' ' || coalesce(body_no, '')) as audit,
           coalesce(max(case when weighs then issued_on end) over (partition by id, chain, strength, coalesce(accreditation, ''), unfit) > issued_on, false) as followed,
           coalesce(max(case when weighs and strength >= 3 and root <> family then issued_on end) over (partition by id, line) > issued_on, false) as upgraded,
           weighs and not followed as counted, counted and strength >= 3 as proven, state = 'overdue' and trusted and not followed and (not upgraded or root <> family) as late
    from judged
)
select id, 1 as cert_known, count(case when weighs then 1 end) as cert_valid_n, count(distinct case when proven then audit end) as cert_valid_audits,
       count(distinct case when proven and accreditation = 'cnas' then audit end) as cert_accredited_audits, count(distinct case when counted and strength >= 2 and proof = 'third_party' then audit end) as cert_third_party_audits,
       count(distinct case when counted and proof = 'self_declared' then scheme end) as cert_self_declared_schemes, max(case when weighs then strength end) as cert_strength_max,
       count(distinct case when weighs then scheme end) as cert_schemes_n, count(case when weighs and scheme_class = 'ccc' then 1 end) as cert_ccc_n,
       count(distinct case when proven and scheme_class = 'management_system' then audit end) as cert_management_audits, count(distinct case when proven and scheme_class = 'ccc' then audit end) as cert_ccc_audits,
       count(distinct case when proven and scheme_class = 'green' then audit end) as cert_green_audits, count(distinct case when proven and scheme_class = 'regional_brand' then audit end) as cert_brand_audits,
       max(case when proven and 'A01' in (root, scheme_parent) then 1 else 0 end) as cert_qms_held, max(case when proven and 'A02' in (root, scheme_parent) then 1 else 0 end) as cert_ems_held,
       max(case when proven and 'A03' in (root, scheme_parent) then 1 else 0 end) as cert_ohsms_held,
       count(distinct case when proven and not unfit then audit end) as cert_fit_audits, count(distinct case when counted and unfit then audit end) as cert_unfit_audits,
       max(case when weighs then headcount_covered end) as cert_headcount, max(case when weighs and strength >= 3 then least(ends_on - d, 365) end) as cert_days_left,
       min(case when counted then least(ends_on - d, 365) end) as cert_nearest_expiry_days, count(distinct case when counted and ends_on - d <= 90 then scheme end) as cert_due_90d_schemes,
       max(case when counted and next_on is not null then gap_days end) as cert_audit_age_days, max(case when counted or late then gap_days::double / nullif(next_on - last_audit_on, 0) end) as cert_gap_used,
       max(case when tracked and trusted then case when late then 1 else 0 end end) as cert_overdue, count(distinct case when late then audit end) as cert_overdue_audits,
       count(distinct case when state = 'suspended' and own then audit end) as cert_suspended_audits, count(distinct case when state = 'lapsed' and own then audit end) as cert_lapsed_audits
from placed group by id;

create or replace temp table hand_list as
select id, count(case when list = 'serious_violation' and listed then 1 end) as list_serious_violation_n,
       count(case when list = 'dishonest_debtor' and listed then 1 end) as list_dishonest_debtor_n,
       count(case when list = 'abnormal_operation' and listed then 1 end) as list_abnormal_operation_n,
       count(case when list = 'enforcement' and listed then 1 end) as list_enforcement_n,
       count(case when list = 'tax_arrears' and listed then 1 end) as list_tax_arrears_n,
       count(case when list = 'key_supervision' and listed then 1 end) as list_key_supervision_n,
       count(case when list = 'quality_whitelist' and listed then 1 end) as list_quality_whitelist_n,
       count(case when adverse and w60 then 1 end) as list_entries_60m_n,
       count(case when list = 'enforcement' and w60 then 1 end) as list_enforcement_60m_n,
       count(case when list = 'dishonest_debtor' and w60 then 1 end) as list_dishonest_debtor_60m_n,
       count(case when list = 'abnormal_operation' and w60 then 1 end) as list_abnormal_operation_60m_n,
       max(case when adverse and w60 then least(coalesce(removed_on, d), d) - listed_on end) as list_longest_days_60m
from (select a.id, a.d, r.list, r.listed_on, r.removed_on, happened_on > d60 and happened_on <= d as w60, r.removed_on is null or r.removed_on > d as listed,
             r.list in ('abnormal_operation', 'serious_violation', 'enforcement', 'dishonest_debtor', 'tax_arrears') as adverse
      from day a join list_entry r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)) group by id;

create or replace temp table hand_innovation as
select id, 1 as innov_known,
       count(case when kind = 'standard' and role = 'lead' and held then 1 end) as innov_standards_led_n,
       count(case when kind = 'standard' and role = 'join' and held then 1 end) as innov_standards_joined_n,
       count(case when kind = 'standard' and level = 'group' and held then 1 end) as innov_group_standards_n,
       count(case when kind = 'invention_patent' and held then 1 end) as innov_invention_patents_n,
       count(case when kind = 'utility_patent' and held then 1 end) as innov_utility_patents_n,
       count(case when kind = 'design_patent' and held then 1 end) as innov_design_patents_n,
       count(case when kind = 'invention_patent' and w36 then 1 end) as innov_invention_new_36m_n,
       count(case when kind = 'trademark' and held then 1 end) as innov_trademarks_n,
       count(case when kind = 'collective_mark' and held then 1 end) as innov_collective_marks_n,
       count(case when kind = 'geographical_indication' and held then 1 end) as innov_geographical_n,
       count(case when kind = 'data_right' and held then 1 end) as innov_data_rights_n,
       count(case when kind <> 'standard_disclosure' and w36 then 1 end) as innov_new_36m_n
from (select a.id, r.kind, r.role, r.level, r.ends_on is null or r.ends_on >= d as held, happened_on > d36 and happened_on <= d as w36 from day a join innovation r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)) group by id;

create or replace temp table hand_report as
with report as (select a.*, r.*, happened_on > d60 and happened_on <= d as w60 from day a join annual_report r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)),
before as (
    select id, year, max(revenue) as revenue, max(assets) as assets from report group by id, year
), newest as (
    select r.*, b1.revenue as revenue_1y, b1.assets as assets_1y, b3.revenue as revenue_3y, b3.assets as assets_3y
    from report r left join before b1 on b1.id = r.id and b1.year = r.year - 1 left join before b3 on b3.id = r.id and b3.year = r.year - 3
    qualify row_number() over (partition by r.id order by r.happened_on desc, r.known_on desc) = 1
), counted as (
    select id, count(case when w60 then 1 end) as ent_reports_60m_n,
       min(case when date_diff('month', make_date(year, 12, 31), d) > 18 then 1 else 0 end) as ent_report_overdue,
       count(case when w60 and known_on > make_date(year + 1, 6, 30) then 1 end) as ent_reports_late_60m_n,
       count(case when w60 and (profit < 0 or profit is null) then 1 end) as ent_loss_years_60m_n,
       sum(case when w60 then revenue end)::double / nullif(count(case when w60 then revenue end), 0) as ent_revenue_mean_60m
    from report group by id
)
select c.*, n.employees::double as ent_employees, n.revenue::double as ent_revenue, n.assets::double as ent_assets, n.liabilities::double as ent_liabilities,
       n.equity::double as ent_equity, n.profit::double as ent_profit, n.guarantees::double as ent_guarantees, n.guarantees::double as credit_guarantees_reported,
       (n.employees is null)::int + (n.revenue is null)::int + (n.assets is null)::int + (n.liabilities is null)::int + (n.profit is null)::int + (n.tax_paid is null)::int + (n.equity is null)::int + (n.guarantees is null)::int as ent_figures_withheld,
       greatest(ln(n.revenue::double + 1), 0) as ent_log_revenue, greatest(ln(n.assets::double + 1), 0) as ent_log_assets,
       least(n.liabilities::double / nullif(n.assets::double, 0), 1.5) as ent_liability_ratio, greatest(n.equity::double / nullif(n.assets::double, 0), -0.5) as ent_equity_ratio,
       least(n.guarantees::double / nullif(n.assets::double, 0), 2) as ent_guarantee_ratio, greatest(n.profit::double / nullif(n.revenue::double, 0), -0.5) as ent_profit_margin,
       greatest(n.profit::double / nullif(n.assets::double, 0), -0.5) as ent_return_on_assets, n.tax_paid::double / nullif(n.revenue::double, 0) as ent_tax_to_revenue,
       case when n.revenue_1y > 0 then coalesce(n.revenue::double / nullif(n.revenue_1y::double, 0) - 1, -1) end as ent_revenue_growth_1y,
       case when n.revenue_3y > 0 then coalesce(n.revenue::double / nullif(n.revenue_3y::double, 0) - 1, -1) end as ent_revenue_growth_3y,
       case when n.assets_1y > 0 then coalesce(n.assets::double / nullif(n.assets_1y::double, 0) - 1, -1) end as ent_asset_growth_1y,
       case when n.assets_3y > 0 then coalesce(n.assets::double / nullif(n.assets_3y::double, 0) - 1, -1) end as ent_asset_growth_3y,
       case when ent_revenue_mean_60m > 0 then coalesce(ent_revenue / nullif(ent_revenue_mean_60m, 0) - 1, -1) when ent_reports_60m_n > 0 then -1 end as ent_revenue_trend
from counted c join newest n using (id);

create or replace temp table hand_invoice as
with bill as (
    select a.*, r.counterparty, r.net, r.tax, r.invoiced_on, r.happened_on, r.status, r.direction = 'sale' as sale, coalesce(r.status, 'valid') <> 'void' as kept,
           coalesce(r.status, 'valid') = 'red_letter' or coalesce(r.net, 0) < 0 as red,
           sale and kept as sold, sold and not red as real, not sale and kept as bought, bought and not red as really,
           date_diff('month', happened_on, d) as back, case when back between 0 and 62 then 1::bigint << back end as bit,
           happened_on <= d as h, h and happened_on > d3 as w3, h and happened_on > d6 as w6, h and happened_on > d12 as w12, h and happened_on > d24 as w24, h and happened_on > d36 as w36,
           happened_on > d24 and happened_on <= d12 as b12, happened_on > d15 and happened_on <= d12 as b3, happened_on > d18 and happened_on <= d12 as b6
    from day a join invoice r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
), party as (
    select id, count(case when r36 then 1 end) as ops_buyers_36m_n, count(case when p36 then 1 end) as ops_suppliers_36m_n, count(case when r12 then 1 end) as ops_buyers_12m_n,
       count(case when rb12 then 1 end) as ops_buyers_prior_12m_n, count(case when first > d12 and first <= d then 1 end) as ops_new_buyers_12m_n,
       count(case when last > d24 and last <= d12 then 1 end) as ops_lost_buyers_12m_n, count(case when r36 and p36 then 1 end) as ops_both_ways_36m_n,
       max(s36)::double / nullif(sum(s36)::double, 0) as ops_top_buyer_share_36m, max(t36)::double / nullif(sum(t36)::double, 0) as ops_top_supplier_share_36m,
       sum(s12 * s12)::double / (nullif(sum(s12)::double, 0) * nullif(sum(s12)::double, 0)) as ops_buyer_concentration_12m,
       sum(t12 * t12)::double / (nullif(sum(t12)::double, 0) * nullif(sum(t12)::double, 0)) as ops_supplier_concentration_12m
    from (select id, any_value(d) as d, any_value(d12) as d12, any_value(d24) as d24, counterparty, bool_or(real and w36) as r36, bool_or(really and w36) as p36, bool_or(real and w12) as r12, bool_or(real and b12) as rb12,
                 min(case when real and h then happened_on end) as first, max(case when real and h then happened_on end) as last,
                 greatest(sum(case when sold and w36 then net end), 0) as s36, greatest(sum(case when bought and w36 then net end), 0) as t36,
                 greatest(sum(case when sold and w12 then net end), 0)::decimal(19, 0) as s12, greatest(sum(case when bought and w12 then net end), 0)::decimal(19, 0) as t12
          from bill where counterparty is not null group by id, counterparty) group by id
), monthly as (
    select id, nullif(greatest(sum(v)::double, 0), 0) as total, case when total is not null then sqrt(greatest(greatest(12, count(v)) * sum(v * v)::double / (total * total) - 1, 0)) end as ops_sales_variation_12m
    from (select id, year(happened_on) * 12 + month(happened_on) as m, sum(case when sold and w12 then net end)::decimal(19, 0) as v from bill group by all) group by id
), flat as (
    select id, 1 as ops_known, coalesce(sum(case when sold and w12 then net end), 0)::double as ops_sales_12m,
       coalesce(sum(case when sold and b12 then net end), 0)::double as ops_sales_prior_12m,
       coalesce(sum(case when sold and w3 then net end), 0)::double as ops_sales_3m,
       coalesce(sum(case when sold and w6 then net end), 0)::double as ops_sales_6m,
       coalesce(sum(case when sold and b3 then net end), 0)::double as ops_sales_3m_year_before,
       coalesce(sum(case when sold and b6 then net end), 0)::double as ops_sales_6m_year_before,
       coalesce(sum(case when sold and w36 then net end), 0)::double as ops_sales_36m,
       coalesce(sum(case when bought and w36 then net end), 0)::double as ops_purchases_36m,
       coalesce(sum(case when bought and w12 then net end), 0)::double as ops_purchases_12m,
       count(case when real and w12 then 1 end) as ops_sales_invoices_12m_n,
       count(case when real and w36 then 1 end) as ops_sales_invoices_36m_n,
       count(case when really and w36 then 1 end) as ops_purchase_invoices_36m_n,
       coalesce(bit_count(bit_or(case when real and w24 then bit end)), 0) as ops_sales_months_24m,
       coalesce(bit_count(bit_or(case when real and w12 then bit end)), 0) as ops_sales_months_12m,
       count(case when sale and status = 'void' and w12 then 1 end)::double / nullif(count(case when sale and w12 then 1 end), 0) as ops_void_share_12m,
       count(case when sale and status = 'void' and w36 then 1 end)::double / nullif(count(case when sale and w36 then 1 end), 0) as ops_void_share_36m,
       count(case when sold and red and w36 then 1 end)::double / nullif(count(case when sold and w36 then 1 end), 0) as ops_red_letter_share_36m,
       min(case when real then d - invoiced_on end) as ops_days_since_sale,
       max(date_diff('month', invoiced_on, d)) as ops_history_months,
       sum(case when sold and w36 then tax end)::double / nullif(sum(case when sold and w36 then net end)::double, 0) as ops_output_tax_rate_36m
    from bill group by id
)
select f.*, p.* exclude (id), m.ops_sales_variation_12m from flat f left join party p using (id) left join monthly m using (id);

copy (
    select a.application_id, a.uscc, a.d as as_of, c.* exclude (id), k.* exclude (id), q.* exclude (id), b.* exclude (id), t.* exclude (id),
       l.* exclude (id), n.* exclude (id), r.* exclude (id), i.* exclude (id), s.* exclude (id), e.* exclude (id), z.* exclude (id),
       c.credit_balance_3m / nullif(c.credit_balance_prior, 0) - 1 as credit_balance_growth,
       c.credit_balance_3m / nullif(c.credit_balance_before_3m, 0) - 1 as credit_balance_growth_6m,
       c.credit_balance_6m / nullif(c.credit_balance_before_6m, 0) - 1 as credit_balance_growth_12m,
       c.credit_balance_12m / nullif(c.credit_balance_before_12m, 0) - 1 as credit_balance_growth_24m,
       case when c.credit_balance_3m = 0 then 0 when c.credit_balance_3m is not null and r.ent_report_overdue is not null then least(c.credit_balance_3m / nullif(r.ent_revenue, 0), 2) end as credit_debt_to_revenue,
       case when c.credit_balance_3m = 0 then 0 when c.credit_balance_3m is not null and r.ent_report_overdue is not null then least(c.credit_balance_3m / nullif(r.ent_assets, 0), 1.5) end as credit_debt_to_assets,
       c.credit_utilisation_3m - c.credit_utilisation_12m as credit_utilisation_trend,
       c.credit_utilisation_3m - c.credit_utilisation_before_3m as credit_utilisation_trend_6m,
       c.credit_utilisation_6m - c.credit_utilisation_before_6m as credit_utilisation_trend_12m,
       c.credit_utilisation_12m - c.credit_utilisation_before_12m as credit_utilisation_trend_24m,
       c.credit_months_past_due_3m - c.credit_months_past_due_12m / 4 as credit_past_due_trend,
       c.credit_months_past_due_3m - c.credit_months_past_due_before_3m as credit_past_due_trend_6m,
       c.credit_months_past_due_6m - c.credit_months_past_due_before_6m as credit_past_due_trend_12m,
       c.credit_months_past_due_12m - c.credit_months_past_due_before_12m as credit_past_due_trend_24m,
       case when k.credit_limit_open = 0 then 0 when k.credit_limit_open is not null and r.ent_report_overdue is not null then least(k.credit_limit_open / nullif(r.ent_revenue, 0), 2) end as credit_limit_to_revenue,
       k.credit_maturing_6m / nullif(k.credit_limit_open, 0) as credit_maturing_share_6m, k.credit_maturing_12m / nullif(k.credit_limit_open, 0) as credit_maturing_share_12m,
       case when k.credit_new_limit_12m = 0 then 0 when k.credit_new_limit_12m is not null and r.ent_report_overdue is not null then least(k.credit_new_limit_12m / nullif(r.ent_revenue, 0), 2) end as credit_new_limit_to_revenue,
       case when k.credit_guarantee_amount = 0 then 0 when k.credit_guarantee_amount is not null and r.ent_report_overdue is not null then least(k.credit_guarantee_amount / nullif(r.ent_revenue, 0), 2) end as credit_guaranteed_to_revenue,
       i.ops_sales_12m / nullif(r.ent_revenue, 0) as ops_sales_to_revenue, i.ops_purchases_36m / nullif(i.ops_sales_36m, 0) as ops_purchases_to_sales_36m,
       case when i.ops_sales_prior_12m > 0 then i.ops_sales_12m / i.ops_sales_prior_12m - 1 end as ops_sales_growth,
       case when i.ops_sales_months_24m is not null then greatest(24 - i.ops_sales_months_24m, 0) end as ops_months_without_sales_24m, case when i.ops_sales_months_12m is not null then greatest(12 - i.ops_sales_months_12m, 0) end as ops_months_without_sales_12m
    from day a left join hand_credit c on c.id = a.id left join hand_account k on k.id = a.id left join hand_inquiry q on q.id = a.id
    left join hand_bill b on b.id = a.id left join hand_tax t on t.id = a.id left join hand_list l on l.id = a.id
    left join hand_innovation n on n.id = a.id left join hand_report r on r.id = a.id left join hand_invoice i on i.id = a.id
    left join hand_inspection s on s.id = a.id left join hand_rate e on e.id = a.id left join hand_certificate z on z.id = a.id
    order by a.id
) to '${out}' (format parquet, compression zstd);
