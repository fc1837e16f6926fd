-- What a skilled analyst would write for the same columns: one query per table, then one join. Months are counted as
-- bits, because counting distinct months takes twice as long here. ${out} is the Parquet file.
create or replace temp table day as
select row_number() over () as id, application_id, uscc, applied_on as d,
       cast(d - interval 3 month as date) as d3, cast(d - interval 6 month as date) as d6,
       cast(d - interval 12 month as date) as d12, cast(d - interval 24 month as date) as d24,
       cast(d - interval 36 month as date) as d36
from application where void_on is null;

create or replace temp table hand_certificate as
with event as (
    select a.id, e.certificate_no,
           arg_max(case when e.event in ('withdrawn', 'cancelled') and n.replaced then 'replaced' else e.event end,
                   (e.happened_on, e.known_on, case when e.event in ('withdrawn', 'cancelled') and n.replaced then 2 when e.event = 'withdrawn' then 5 when e.event = 'cancelled' then 4 when e.event = 'suspended' then 3 else 1 end))
               filter (where e.happened_on <= a.d and e.event in ('suspended', 'restored', 'withdrawn', 'cancelled', 'recertified')) as last_event
    from day a join certificate_event e on e.uscc = a.uscc and e.known_on <= a.d and (e.void_on is null or a.d < e.void_on)
    left join reference_replacement n on n.code = e.reason_code
    group by all
), state as (
    select a.id, a.d, c.certificate_no, c.scheme, c.audit_id, c.accreditation, c.assurance, c.expires_on,
           c.first_issued_on, c.issued_on, c.headcount_covered, r.scheme_class,
           case when assurance = 'self_declared' then 1 when accreditation = 'cnas' then 4
                when accreditation = 'unaccredited' and r.scheme_strength < 4 then 2 else r.scheme_strength end as strength,
           case when last_event in ('withdrawn', 'cancelled', 'replaced') then last_event
                when expires_on < a.d then 'expired' when last_event = 'suspended' then 'suspended'
                when issued_on > a.d then 'not_yet' else 'valid' end as state
    from day a
    join certificate c on c.uscc = a.uscc and c.known_on <= a.d and (c.void_on is null or a.d < c.void_on)
    left join event e on e.id = a.id and e.certificate_no = c.certificate_no
    left join reference_scheme r on r.code = c.scheme
)
select id,
       count(*) filter (where state = 'valid') as cert_valid_n,
       count(distinct coalesce(audit_id, certificate_no)) filter (where state = 'valid' and strength >= 3) as cert_valid_audits,
       count(*) filter (where state = 'valid' and accreditation = 'cnas') as cert_accredited_n,
       count(*) filter (where state = 'valid' and assurance = 'third_party') as cert_third_party_n,
       count(*) filter (where state = 'valid' and assurance = 'self_declared') as cert_self_declared_n,
       count(distinct scheme) filter (where state = 'valid') as cert_schemes_n,
       count(distinct scheme) filter (where state <> 'replaced') as cert_schemes_held_n,
       count(distinct scheme) filter (where state in ('valid', 'suspended', 'not_yet')) as cert_schemes_kept_n,
       cert_schemes_held_n - cert_schemes_kept_n as cert_unrenewed_n,
       count(*) filter (where state = 'valid' and scheme_class = 'management_system') as cert_management_n,
       count(*) filter (where state = 'valid' and scheme_class = 'ccc') as cert_ccc_n,
       count(*) filter (where state = 'valid' and scheme_class = 'green') as cert_green_n,
       count(*) filter (where state = 'valid' and scheme_class = 'regional_brand') as cert_regional_brand_n,
       min(expires_on - d) filter (where state = 'valid') as cert_nearest_expiry_days,
       max(date_diff('month', coalesce(first_issued_on, issued_on), d)) filter (where state = 'valid') as cert_first_issue_months,
       count(*) filter (where state = 'suspended') as cert_suspended_n,
       max(headcount_covered) filter (where state = 'valid') as cert_headcount
from state group by id;

create or replace temp table hand_event as
select a.id,
       count(*) filter (where event = 'suspended' and happened_on > d24 and happened_on <= d) as cert_suspensions_24m_n,
       count(*) filter (where event = 'withdrawn' and not coalesce(n.replaced, false) and happened_on > d36 and happened_on <= d) as cert_withdrawn_36m_n,
       count(*) filter (where event = 'surveillance_passed' and happened_on > d24 and happened_on <= d) as cert_surveillance_24m_n
from day a join certificate_event r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
left join reference_replacement n on n.code = r.reason_code
group by a.id;

create or replace temp table hand_inspection as
select a.id,
       count(*) filter (where happened_on > d36 and happened_on <= d) as insp_36m_n,
       count(*) filter (where verdict = 'nonconforming' and happened_on > d36 and happened_on <= d) as insp_failed_36m_n,
       count(*) filter (where verdict = 'nonconforming' and happened_on > d12 and happened_on <= d) as insp_failed_12m_n,
       (insp_failed_36m_n + 0.5) / (insp_36m_n + 5) as insp_fail_share_36m,
       count(*) filter (where verdict = 'nonconforming' and safety_item and happened_on > d36 and happened_on <= d) as insp_safety_failed_36m_n,
       count(*) filter (where verdict = 'nonconforming' and level in ('national', 'province') and happened_on > d36 and happened_on <= d) as insp_upper_failed_36m_n,
       count(distinct product) filter (where verdict = 'nonconforming' and happened_on > d36 and happened_on <= d) as insp_failed_products_36m_n,
       count(*) filter (where verdict = 'refused' and happened_on > d36 and happened_on <= d) as insp_refused_36m_n,
       count(*) filter (where recheck = 'passed' and happened_on > d36 and happened_on <= d) as insp_recheck_passed_36m_n,
       count(*) filter (where recheck = 'failed' and happened_on > d36 and happened_on <= d) as insp_recheck_failed_36m_n,
       min(case verdict when 'nonconforming' then least(date_diff('month', inspected_on, d), 36) when 'no_nonconformity' then 36 end) as insp_months_since_failure
from day a join inspection r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
group by a.id;

create or replace temp table hand_credit as
with account as (
    select a.id, c.account_no, arg_max(c.kind, (c.happened_on, c.known_on)) filter (where c.kind is not null) as kind
    from day a join credit_account c on c.uscc = a.uscc and c.known_on <= a.d and (c.void_on is null or a.d < c.void_on)
    group by all
), month as (
    select a.*, r.*, coalesce(k.kind, 'other') <> 'guarantee' as debt, coalesce(k.kind, '') = 'credit_line' as line
    from day a join credit_month r on r.uscc = a.uscc and r.known_on <= a.d and (r.void_on is null or a.d < r.void_on)
    left join account k on k.id = a.id and k.account_no = r.account_no
)
select id,
       sum(balance) filter (where debt and happened_on > d3 and happened_on <= d)::double / nullif(bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where debt and happened_on > d3 and happened_on <= d)), 0) as credit_balance_3m,
       sum(balance) filter (where debt and happened_on > d12 and happened_on <= d3)::double / nullif(bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where debt and happened_on > d12 and happened_on <= d3)), 0) as credit_balance_prior,
       sum(balance) filter (where line and happened_on > d3 and happened_on <= d)::double / sum(credit_limit) filter (where line and happened_on > d3 and happened_on <= d)::double as credit_utilisation_3m,
       sum(balance) filter (where line and happened_on > d12 and happened_on <= d)::double / sum(credit_limit) filter (where line and happened_on > d12 and happened_on <= d)::double as credit_utilisation_12m,
       credit_utilisation_3m - credit_utilisation_12m as credit_utilisation_trend,
       credit_balance_3m / credit_balance_prior - 1 as credit_balance_growth,
       max(days_past_due) filter (where happened_on > d6 and happened_on <= d) as credit_dpd_max_6m,
       max(days_past_due) filter (where happened_on > d12 and happened_on <= d) as credit_dpd_max_12m,
       max(days_past_due) filter (where happened_on > d24 and happened_on <= d) as credit_dpd_max_24m,
       bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where happened_on > d12 and happened_on <= d and days_past_due > 0)) as credit_months_past_due_12m,
       bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where happened_on > d24 and happened_on <= d and days_past_due > 0)) as credit_months_past_due_24m,
       bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where happened_on > d24 and happened_on <= d and days_past_due > 30)) as credit_months_over_30_24m,
       max(greatest(case five_class when 'normal' then 1 when 'special_mention' then 2 when 'substandard' then 3 when 'doubtful' then 4 when 'loss' then 5 end,
                    case when days_past_due > 360 then 5 when days_past_due > 270 then 4 when days_past_due > 90 then 3 when days_past_due > 7 then 2 when days_past_due is not null then 1 end))
           filter (where happened_on > d12 and happened_on <= d) as credit_worst_class_12m,
       bit_count(bit_or(1::bigint << date_diff('month', happened_on, d)) filter (where happened_on > d24 and happened_on <= d)) as credit_months_24m
from month
group by id;

copy (
    select a.application_id, a.uscc, a.d as as_of, c.* exclude (id), e.* exclude (id), i.* exclude (id), m.* exclude (id)
    from day a left join hand_certificate c on c.id = a.id left join hand_event e on e.id = a.id
    left join hand_inspection i on i.id = a.id left join hand_credit m on m.id = a.id
    order by a.id
) to '${out}' (format parquet, compression zstd);
